import { defineErrors } from "@harnessx/core/plugin";

/** What each error code of this package stands for. */
export const webErrors = {
  HX_WEB_ADDRESS: {
    tag: "WebError",
    message: "The address {url} is not allowed: {problem}.",
    hint: "Only public http and https addresses can be visited.",
  },
  HX_WEB_FAILED: {
    tag: "WebError",
    message: "{url} could not be fetched: {problem}.",
    hint: "Check the address, or try another source.",
  },
  HX_WEB_STATUS: {
    tag: "WebError",
    message: "{url} answered with status {status}.",
    hint: "Check the address, or try another source.",
  },
  HX_WEB_UNSUPPORTED: {
    tag: "WebError",
    message: "{url} is {type}, which cannot be shown as text.",
    hint: "Look for the same content as a web page.",
  },
  HX_WEB_ANSWER: {
    tag: "WebError",
    message: "{url} did not answer as expected: {problem}.",
    hint: "The service may have changed or be out of order.",
  },
  HX_WEB_NO_PAGE: {
    tag: "WebError",
    message: "There is no page {title}.",
    hint: "mediawiki_search finds the titles that there are.",
  },
  HX_WEB_NO_KEY: {
    tag: "WebError",
    message: "The search provider {provider} has no key: {problem}.",
    hint: 'Set the environment variable and name it in the options: "key": { "env": "…" }.',
  },
  HX_WEB_OPTIONS: {
    tag: "WebError",
    message: "The options of the web tools do not fit: {problem}.",
    hint: "The README of @harnessx/tools-web lists the options.",
  },
  HX_WEB_NO_BROWSER: {
    tag: "WebError",
    message: "There is no browser: {problem}.",
    hint: "Install Chromium, name it in the option browser.executablePath, or leave the browser tools out.",
  },
  HX_WEB_BROWSER: {
    tag: "WebError",
    message: "The browser could not do it: {problem}.",
    hint: "browser_text shows what is on the page.",
  },
} as const;

/** The codes that this package raises. */
export type WebErrorCode = keyof typeof webErrors;

/** Makes an error of this package. */
export const webError = defineErrors(webErrors);
