import type { lookup } from "node:dns";
import { lookupWithin, mayCall, requireReach } from "../../../../../handlers/interventions/deliver/addresses";

/** Addresses of networks that are nobody's on the internet; the second column says whose they are. */
const SPECIAL = [
  ["0.0.0.0", "this network"],
  ["10.1.2.3", "private"],
  ["100.64.0.1", "shared by carriers"],
  ["127.0.0.1", "loopback"],
  ["127.255.255.254", "loopback"],
  ["169.254.169.254", "a cloud's metadata"],
  ["169.254.170.2", "a container's credentials"],
  ["172.16.0.1", "private"],
  ["172.31.255.255", "private"],
  ["192.0.0.8", "protocols"],
  ["192.0.2.1", "documentation"],
  ["192.168.0.1", "private"],
  ["198.18.0.1", "benchmarks"],
  ["203.0.113.9", "documentation"],
  ["224.0.0.1", "multicast"],
  ["255.255.255.255", "broadcast"],
  ["::", "unspecified"],
  ["::1", "loopback"],
  ["::ffff:10.0.0.1", "IPv4 in IPv6"],
  ["::ffff:8.8.8.8", "IPv4 in IPv6"],
  ["64:ff9b::a00:1", "translated"],
  ["fc00::1", "private"],
  ["fd00:ec2::254", "a cloud's metadata"],
  ["fe80::1", "link-local"],
  ["ff02::1", "multicast"],
  ["2001:db8::1", "documentation"],
  ["2001::1", "Teredo"],
  ["2002:a00:1::", "6to4"],
];
const PUBLIC = ["1.1.1.1", "8.8.8.8", "172.15.255.255", "172.32.0.1", "223.255.255.255", "2606:4700:4700::1111"];

test.each(SPECIAL)("%s may not be called: %s", (address) => {
  expect(mayCall("internet", address)).toBe(false);
});

test.each(PUBLIC)("%s may be called", (address) => {
  expect(mayCall("internet", address)).toBe(true);
});

test("an emulator's functions call this machine and nothing else", () => {
  const may = (address: string) => mayCall("loopback", address);
  expect(["127.0.0.1", "::1"].map(may)).toEqual([true, true]);
  expect(["10.0.0.1", "8.8.8.8", "169.254.169.254", "2606:4700:4700::1111"].map(may)).toEqual([
    false,
    false,
    false,
    false,
  ]);
});

test.each([
  ["internet", "http://operator.example/", "only https is spoken"],
  ["internet", "file:///etc/passwd", "only https is spoken"],
  ["loopback", "ftp://127.0.0.1/", "only https is spoken"],
  ["internet", "https://127.0.0.1/", "the host's address may not be called"],
  ["internet", "https://[::1]/", "the host's address may not be called"],
  // The forms in which URLs have the same address.
  ["internet", "https://2130706433/", "the host's address may not be called"],
  ["internet", "https://0x7f.1/", "the host's address may not be called"],
  ["internet", "https://[::ffff:169.254.169.254]/", "the host's address may not be called"],
] as const)("%s: %s is refused", (reach, url, message) => {
  expect(() => requireReach(reach, new URL(url))).toThrow(message);
});

test("https to a name, and http to this machine where that is meant, may be tried", () => {
  requireReach("internet", new URL("https://operator.example:8443/webhooks"));
  requireReach("loopback", new URL("http://127.0.0.1:8080/webhooks"));
});

describe("a name", () => {
  const found = (...addresses: readonly string[]) =>
    ((_: string, __: object, callback: (error: null, found: object) => void) =>
      callback(
        null,
        addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })),
      )) as unknown as typeof lookup;
  const look = (dns: typeof lookup, options: object) =>
    new Promise((resolve) => {
      lookupWithin("internet", dns)("operator.example", options, (error, address, family) =>
        resolve(error ? error.message : [address, family]),
      );
    });

  test("is connected to at the address that was checked", async () => {
    expect(await look(found("8.8.8.8"), {})).toEqual(["8.8.8.8", 4]);
    expect(await look(found("8.8.8.8"), { all: true })).toEqual([[{ address: "8.8.8.8", family: 4 }], undefined]);
  });

  test("with one address that may not be called is not called at all", async () => {
    expect(await look(found("8.8.8.8", "10.0.0.1"), {})).toBe("the host's address may not be called");
    expect(await look(found(), {})).toBe("the host has no address");
  });
});
