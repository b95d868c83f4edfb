export {
  install,
  JOURNAL,
  recoverInstall,
  storePackages,
  type InstallRequest,
  type Recovery,
} from "./install.ts";
