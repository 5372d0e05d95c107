import { lookup as resolve } from "node:dns";
import { BlockList, isIP, type LookupFunction } from "node:net";
import type { WebhookReach } from "../../../contracts/deliveries";

/**
 * Networks that are not the internet's, by IANA's registries of special-purpose addresses (RFC 6890); cloud providers
 * have their metadata and internal services there.
 */
const SPECIAL_IPV4: readonly [network: string, prefix: number][] = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 3],
];
/** Within the global unicast addresses of IPv6: protocols (Teredo), documentation, 6to4. */
const SPECIAL_IPV6: readonly [network: string, prefix: number][] = [
  ["2001::", 23],
  ["2001:db8::", 32],
  ["2002::", 16],
  ["3fff::", 20],
];

const special = new BlockList();
for (const [network, prefix] of SPECIAL_IPV4) special.addSubnet(network, prefix, "ipv4");
for (const [network, prefix] of SPECIAL_IPV6) special.addSubnet(network, prefix, "ipv6");
const globalIPv6 = new BlockList();
globalIPv6.addSubnet("2000::", 3, "ipv6");
const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8, "ipv4");
loopback.addAddress("::1", "ipv6");

const ADDRESSES: Readonly<Record<WebhookReach, (address: string, family: "ipv4" | "ipv6") => boolean>> = {
  internet: (address, family) =>
    !special.check(address, family) && (family === "ipv4" || globalIPv6.check(address, family)),
  loopback: (address, family) => loopback.check(address, family),
};

/** Tells whether an IP address may be called. What is no address may not. */
export function mayCall(reach: WebhookReach, address: string): boolean {
  const version = isIP(address);
  return version !== 0 && ADDRESSES[reach](address, version === 4 ? "ipv4" : "ipv6");
}

/** A host whose addresses are not all within reach. */
export class OutOfReach extends Error {
  override readonly name = "OutOfReach";
}

/** Refuses a URL whose protocol or whose address, where it names one, is not within reach. */
export function requireReach(reach: WebhookReach, { protocol, hostname }: URL): void {
  if (protocol !== "https:" && !(reach === "loopback" && protocol === "http:")) {
    throw new OutOfReach("only https is spoken");
  }
  // No name is looked up for an address.
  const host = hostname.replace(/^\[|\]$/g, "");
  if (isIP(host) !== 0 && !mayCall(reach, host)) throw new OutOfReach("the host's address may not be called");
}

/**
 * Makes the look-up of names for a connection. What it answers is what is connected to, so that a name cannot have
 * another address when it is checked than when it is called.
 */
export const lookupWithin =
  (reach: WebhookReach, dns: typeof resolve = resolve): LookupFunction =>
  (hostname, options, callback) => {
    dns(hostname, { ...options, all: true }, (error, addresses) => {
      const [first] = addresses ?? [];
      if (error || first === undefined) {
        callback(error ?? new OutOfReach("the host has no address"), "", 0);
      } else if (!addresses.every(({ address }) => mayCall(reach, address))) {
        callback(new OutOfReach("the host's address may not be called"), "", 0);
      } else if (options.all) {
        callback(null, addresses);
      } else {
        callback(null, first.address, first.family);
      }
    });
  };
