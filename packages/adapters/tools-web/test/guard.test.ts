import { describe, expect, it } from "vitest";
import { isPublicAddress } from "../src/guard/address.ts";
import { createGuard } from "../src/guard/guard.ts";
import { createClient } from "../src/net/client.ts";
import { serve, toolsWith } from "./servers.ts";

describe("addresses", () => {
  it.each([
    ["127.0.0.1", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254"],
    ["0.0.0.0", "100.64.0.1", "198.18.0.1", "192.0.2.1", "224.0.0.1", "255.255.255.255"],
    ["::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12:3456::1", "ff02::1"],
    ["::ffff:127.0.0.1", "::ffff:7f00:1", "::ffff:8.8.8.8", "64:ff9b::7f00:1", "2002:7f00:1::"],
    ["2001:db8::1", "2001::1", "100::1", "not an address", ""],
  ])("%s and the like are not public", (...addresses) => {
    expect(addresses.filter(isPublicAddress)).toEqual([]);
  });

  it("their neighbours are", () => {
    const all = ["8.8.8.8", "172.15.0.1", "172.32.0.1", "192.167.1.1", "169.253.1.1", "100.63.1.1"];
    const six = ["2606:4700::1111", "2a00:1450::1", "2001:4860:4860::8888"];
    expect([...all, ...six].filter((address) => !isPublicAddress(address))).toEqual([]);
  });
});

describe("URLs", () => {
  const guard = createGuard(["intranet:8080", "10.0.0.7"]);

  it.each([
    "http://127.0.0.1/",
    "http://2130706433/",
    "http://0x7f000001/",
    "http://0177.0.0.1/",
    "http://127.1/",
    "http://127.0.0.1./",
    "http://[::1]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:7f00:1]/",
    "http://169.254.169.254/latest/meta-data/",
    "http://①②⑦.⓪.⓪.①/",
    "http://10.0.0.8/",
    "https://user:password@example.com/",
    "file:///etc/passwd",
    "ftp://example.com/",
    "data:text/html,x",
    "javascript:alert(1)",
    "//example.com",
    "nonsense",
  ])("%s is refused", (url) => {
    expect(() => guard.admit(url)).toThrow(/is not allowed/);
  });

  it.each([
    "https://example.com/",
    "http://8.8.8.8/",
    "http://10.0.0.7:81/",
    "http://intranet:8080/",
  ])("%s is not", (url) => {
    expect(guard.admit(url).href).toBe(url);
  });
});

describe("names", () => {
  it("that lead to this machine are refused, and nothing is connected to", async () => {
    const { host, seen } = await serve((_request, response) => response.end("inside"));
    const port = host.split(":")[1]!;
    const call = await toolsWith({});
    for (const name of ["localhost", "LOCALHOST"]) {
      const result = await call("web_fetch", { url: `http://${name}:${port}/` });
      expect(result).toMatchObject({ status: "refused", error: { code: "HX_WEB_ADDRESS" } });
    }
    expect(seen).toEqual([]);
    const allowed = await toolsWith({ allowPrivate: [`localhost:${port}`] });
    expect((await allowed("web_fetch", { url: `http://localhost:${port}/` })).text).toContain(
      "inside",
    );
  });

  const limits = { timeoutMs: 5000, maxBytes: 1000, maxRedirects: 5, userAgent: "test" };
  const { signal } = new AbortController();

  it("are refused when one of their addresses is private", async () => {
    const guard = createGuard([], async () => [
      { address: "8.8.8.8", family: 4 },
      { address: "127.0.0.1", family: 4 },
    ]);
    await expect(
      createClient(guard, limits)({ url: "http://two.example/", signal }),
    ).rejects.toMatchObject({ code: "HX_WEB_ADDRESS" });
  });

  it("cannot be bound to another address after the check", async () => {
    const { host } = await serve((_request, response) => response.end("inside"));
    const port = host.split(":")[1]!;
    // The second answer would be this machine's address: it must never be asked for.
    let asked = 0;
    const guard = createGuard([], async () => {
      asked += 1;
      return [{ address: asked === 1 ? "192.0.2.1" : "127.0.0.1", family: 4 }];
    });
    await expect(
      createClient(guard, limits)({ url: `http://rebinding.example:${port}/`, signal }),
    ).rejects.toMatchObject({ code: "HX_WEB_ADDRESS" });
    expect(asked).toBe(1);
    // What was checked is what is connected to, whatever the name would lead to elsewhere.
    const pinned = createGuard([`pinned.example:${port}`], async () => [
      { address: "127.0.0.1", family: 4 },
    ]);
    const answer = await createClient(
      pinned,
      limits,
    )({
      url: `http://pinned.example:${port}/`,
      signal,
    });
    expect(answer.bytes.toString()).toBe("inside");
  });

  it("without an address are reported", async () => {
    const guard = createGuard([], async () => {
      throw new Error("no such name");
    });
    await expect(
      createClient(guard, limits)({ url: "http://nowhere.example/", signal }),
    ).rejects.toMatchObject({ code: "HX_WEB_FAILED" });
  });
});

describe("redirects", () => {
  it("are checked at every hop", async () => {
    const inside = await serve((_request, response) => response.end("inside"));
    const port = inside.host.split(":")[1]!;
    const outside = await serve((request, response) => {
      const targets: Record<string, string> = {
        "/address": inside.url,
        "/name": `http://localhost:${port}/`,
        "/decimal": `http://2130706433:${port}/`,
        "/mapped": `http://[::ffff:127.0.0.1]:${port}/`,
        "/two": "/address",
        "/file": "file:///etc/passwd",
      };
      response.writeHead(302, { location: targets[request.url!]! }).end();
    });
    const call = await toolsWith({ allowPrivate: [outside.host] });
    for (const path of ["/address", "/name", "/decimal", "/mapped", "/two", "/file"]) {
      const result = await call("web_fetch", { url: outside.url + path });
      expect([path, result.error?.code]).toEqual([path, "HX_WEB_ADDRESS"]);
    }
    expect(inside.seen).toEqual([]);
  });

  it("are followed where they may go, so often and no more", async () => {
    const { host, url, seen } = await serve((request, response) => {
      const left = Number(request.url!.slice(1));
      if (left === 0) response.end("arrived");
      else response.writeHead(301, { location: `/${left - 1}` }).end();
    });
    const call = await toolsWith({ allowPrivate: [host], maxRedirects: 3 });
    expect((await call("web_fetch", { url: `${url}/3` })).text).toBe(`URL: ${url}/0\n\narrived`);
    const many = await call("web_fetch", { url: `${url}/100` });
    expect(many.text).toContain("redirects more than 3 times");
    expect(seen).toHaveLength(8);
  });
});
