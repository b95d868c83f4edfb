import type { ImagePart } from "@harnessx/core/plugin";

/** The image as an URL: its own, or its bytes as a data URL. */
export const urlOf = ({ data, mediaType }: ImagePart): string =>
  /^https?:\/\//.test(data) ? data : `data:${mediaType};base64,${data}`;
