import { BlockList, isIPv4, isIPv6 } from "node:net";

/** What is not the public internet, by the registries of special addresses. */
const special = new BlockList();
for (const [address, bits] of [
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
] as const)
  special.addSubnet(address, bits, "ipv4");
for (const [address, bits] of [
  // Teredo, benchmarks, documentation, 6to4: inside the public range, and yet no public hosts.
  ["2001::", 23],
  ["2001:db8::", 32],
  ["2002::", 16],
  ["3fff::", 20],
] as const)
  special.addSubnet(address, bits, "ipv6");

/** All public IPv6 addresses begin like this; loopback, local, mapped and translated ones do not. */
const globalUnicast = new BlockList();
globalUnicast.addSubnet("2000::", 3, "ipv6");

/** Whether an IP address, as a resolver writes it, belongs to a host of the public internet. */
export function isPublicAddress(address: string): boolean {
  if (isIPv4(address)) return !special.check(address, "ipv4");
  const [plain = ""] = address.split("%");
  if (!isIPv6(plain)) return false;
  return globalUnicast.check(plain, "ipv6") && !special.check(plain, "ipv6");
}
