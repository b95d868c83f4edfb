import { lookup as resolveName, type LookupAddress } from "node:dns";
import { isIP, type LookupFunction } from "node:net";
import { webError } from "../errors.ts";
import { isPublicAddress } from "./address.ts";

/** All addresses of a host name. */
export type Resolve = (host: string) => Promise<readonly LookupAddress[]>;

/** What may be connected to. */
export interface Guard {
  /** The address when its form is allowed; HX_WEB_ADDRESS otherwise. Says nothing yet about names. */
  admit(url: string): URL;
  /**
   * For the `lookup` of a connection to `url`: resolves the name once and gives the addresses only
   * when all of them are public. What was checked is what is connected to: a name cannot be bound
   * to another address in between.
   */
  lookupFor(url: URL): LookupFunction;
}

const resolveAll: Resolve = (host) =>
  new Promise((resolve, reject) => {
    resolveName(host, { all: true }, (error, addresses) =>
      error ? reject(error) : resolve(addresses),
    );
  });

/** A guard that lets through public addresses, and the hosts of `allowPrivate` wherever they are. */
export function createGuard(allowPrivate: readonly string[], resolve = resolveAll): Guard {
  const isAllowed = ({ hostname, host }: URL): boolean =>
    allowPrivate.includes(hostname) || allowPrivate.includes(host);
  return {
    admit(text) {
      const shown = text.slice(0, 200);
      const refuse = (problem: string): never => {
        throw webError("HX_WEB_ADDRESS", { url: shown, problem });
      };
      if (!URL.canParse(text)) return refuse("it is no complete URL");
      // Parsing gives decimal, octal and hexadecimal forms of an address their usual one.
      const url = new URL(text);
      if (url.protocol !== "http:" && url.protocol !== "https:")
        refuse(`its scheme is ${url.protocol.slice(0, -1)}`);
      if (url.username !== "" || url.password !== "") refuse("it holds a user name or password");
      const literal = url.hostname.replace(/^\[|\]$/g, "");
      if (isIP(literal) && !isAllowed(url) && !isPublicAddress(literal))
        refuse(`${literal} is not a public address`);
      return url;
    },
    lookupFor(url) {
      return (host, options, done) => {
        const checked = async (): Promise<readonly LookupAddress[]> => {
          const addresses = await resolve(host);
          const bad = addresses.find(({ address }) => !isPublicAddress(address));
          if (addresses.length === 0 || (bad && !isAllowed(url))) {
            const problem = bad ? `${host} leads to ${bad.address}` : `${host} has no address`;
            // Without its query, which may hold a key.
            throw webError("HX_WEB_ADDRESS", { url: url.origin + url.pathname, problem });
          }
          const wanted = options.family === 4 || options.family === 6 ? options.family : undefined;
          return addresses.filter(({ family }) => wanted === undefined || family === wanted);
        };
        checked().then(
          (addresses) => {
            if (options.all) done(null, [...addresses]);
            else done(null, addresses[0]?.address ?? "", addresses[0]?.family);
          },
          (thrown: NodeJS.ErrnoException) => done(thrown, []),
        );
      };
    },
  };
}
