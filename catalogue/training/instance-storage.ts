/**
 * Tells where instances of a family keep their data: `volume`, an EBS volume that SageMaker attaches and encrypts with
 * the key of the request; or `local`, NVMe drives of the instance, which its own hardware encrypts with keys that end
 * with it. SageMaker refuses `VolumeKmsKeyId`, and an endpoint configuration's `KmsKeyId`, with the latter (SageMaker
 * guide, "Key management"; which family has drives: EC2 guide, "Instance store volume limits"). The families are those
 * that the SageMaker API knows.
 */
const FAMILIES = {
  volume:
    "c4 c5 c5n c6g c6gn c6i c6in c7g c7i c7i-flex c8g c8i c8i-flex inf1 inf2 m4 m5 m6g m6i m7i m7i-flex m8g m8i " +
    "m8i-flex p2 p3 r5 r6g r6i r7i r8g r8i r8i-flex t2 t3",
  local:
    "c5d c6gd dl1 g4dn g5 g6 g6e g7 g7e m5d m6gd p3dn p4d p4de p5 p5e p5en p6-b200 p6-b300 p6e-gb200 r5d r6gd r7gd " +
    "trn1 trn1n trn2",
} as const;

type Storage = keyof typeof FAMILIES;

const STORAGE: ReadonlyMap<string, Storage> = new Map(
  Object.entries(FAMILIES).flatMap(([storage, families]) =>
    families.split(" ").map((family) => [family, storage as Storage] as const),
  ),
);

const storageOf = (instanceType: string): Storage | undefined =>
  STORAGE.get(/^ml\.([^.]+)\.[^.]+$/.exec(instanceType)?.[1] ?? "");

/** Tells whether a text is an instance type of a family that SageMaker has. */
export const isInstanceType = (text: string): boolean => storageOf(text) !== undefined;

/** Tells whether a key may be named for the storage of an instance type. Throws for one whose family is not known. */
export function takesVolumeKey(instanceType: string): boolean {
  const storage = storageOf(instanceType);
  if (storage === undefined) {
    throw new RangeError(
      `${instanceType} is of no family that catalogue/training/instance-storage.ts lists; correct or add it`,
    );
  }
  return storage === "volume";
}
