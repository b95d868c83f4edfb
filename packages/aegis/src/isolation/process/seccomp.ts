/** What the two kinds of machine call the system calls that a plugin has no business with. */
const DENIED: Readonly<Record<string, { readonly x64?: number; readonly arm64?: number }>> = {
  socket: { x64: 41, arm64: 198 },
  socketpair: { x64: 53, arm64: 199 },
  connect: { x64: 42, arm64: 203 },
  bind: { x64: 49, arm64: 200 },
  listen: { x64: 50, arm64: 201 },
  accept: { x64: 43, arm64: 202 },
  accept4: { x64: 288, arm64: 242 },
  sendto: { x64: 44, arm64: 206 },
  sendmsg: { x64: 46, arm64: 211 },
  sendmmsg: { x64: 307, arm64: 269 },
  recvmsg: { x64: 47, arm64: 212 },
  fork: { x64: 57 },
  vfork: { x64: 58 },
  execveat: { x64: 322, arm64: 281 },
  ptrace: { x64: 101, arm64: 117 },
  process_vm_readv: { x64: 310, arm64: 270 },
  process_vm_writev: { x64: 311, arm64: 271 },
  pidfd_open: { x64: 434, arm64: 434 },
  pidfd_getfd: { x64: 438, arm64: 438 },
  pidfd_send_signal: { x64: 424, arm64: 424 },
  mount: { x64: 165, arm64: 40 },
  umount2: { x64: 166, arm64: 39 },
  pivot_root: { x64: 155, arm64: 41 },
  chroot: { x64: 161, arm64: 51 },
  open_tree: { x64: 428, arm64: 428 },
  move_mount: { x64: 429, arm64: 429 },
  fsopen: { x64: 430, arm64: 430 },
  fsconfig: { x64: 431, arm64: 431 },
  fsmount: { x64: 432, arm64: 432 },
  fspick: { x64: 433, arm64: 433 },
  setns: { x64: 308, arm64: 268 },
  unshare: { x64: 272, arm64: 97 },
  bpf: { x64: 321, arm64: 280 },
  io_uring_setup: { x64: 425, arm64: 425 },
  io_uring_enter: { x64: 426, arm64: 426 },
  io_uring_register: { x64: 427, arm64: 427 },
  keyctl: { x64: 250, arm64: 219 },
  add_key: { x64: 248, arm64: 217 },
  request_key: { x64: 249, arm64: 218 },
  perf_event_open: { x64: 298, arm64: 241 },
  userfaultfd: { x64: 323, arm64: 282 },
  memfd_create: { x64: 319, arm64: 279 },
  kexec_load: { x64: 246, arm64: 104 },
  init_module: { x64: 175, arm64: 105 },
  finit_module: { x64: 313, arm64: 273 },
  delete_module: { x64: 176, arm64: 106 },
  open_by_handle_at: { x64: 304, arm64: 265 },
  name_to_handle_at: { x64: 303, arm64: 264 },
  personality: { x64: 135, arm64: 92 },
};

const MACHINES = {
  x64: { audit: 0xc000003e, clone: 56, clone3: 435 },
  arm64: { audit: 0xc00000b7, clone: 220, clone3: 435 },
} as const;

const LOAD = 0x20;
const IF_EQUAL = 0x15;
const IF_AT_LEAST = 0x35;
const IF_ANY_BIT = 0x45;
const RETURN = 0x06;
const NUMBER = 0;
const MACHINE = 4;
const FIRST_ARGUMENT = 16;
const ALLOW = 0x7fff0000;
const KILL = 0x80000000;
const fail = (errno: number): number => 0x00050000 | errno;
const EPERM = 1;
const ENOSYS = 38;
const CLONE_THREAD = 0x10000;
/** System calls from here on are those of another table (x32). */
const OTHER_TABLE = 0x40000000;

/**
 * A seccomp filter as the kernel takes it: no sockets, no new processes (threads are allowed), no
 * namespaces, mounts, tracing, keys or kernel rings. Nothing on machines other than x64 and arm64.
 */
export function seccompFilter(machine: string): Uint8Array | undefined {
  if (machine !== "x64" && machine !== "arm64") return undefined;
  const { audit, clone, clone3 } = MACHINES[machine];
  const program: [code: number, then: number, otherwise: number, value: number][] = [
    [LOAD, 0, 0, MACHINE],
    [IF_EQUAL, 1, 0, audit],
    [RETURN, 0, 0, KILL],
    [LOAD, 0, 0, NUMBER],
    [IF_AT_LEAST, 0, 1, OTHER_TABLE],
    [RETURN, 0, 0, fail(EPERM)],
    // glibc falls back to clone, whose flags can be looked at.
    [IF_EQUAL, 0, 1, clone3],
    [RETURN, 0, 0, fail(ENOSYS)],
  ];
  for (const { [machine]: number } of Object.values(DENIED)) {
    if (number === undefined) continue;
    program.push([IF_EQUAL, 0, 1, number], [RETURN, 0, 0, fail(EPERM)]);
  }
  program.push(
    [IF_EQUAL, 0, 3, clone],
    [LOAD, 0, 0, FIRST_ARGUMENT],
    [IF_ANY_BIT, 1, 0, CLONE_THREAD],
    [RETURN, 0, 0, fail(EPERM)],
    [RETURN, 0, 0, ALLOW],
  );
  const bytes = new DataView(new ArrayBuffer(8 * program.length));
  for (const [at, [code, then, otherwise, value]] of program.entries()) {
    bytes.setUint16(8 * at, code, true);
    bytes.setUint8(8 * at + 2, then);
    bytes.setUint8(8 * at + 3, otherwise);
    bytes.setUint32(8 * at + 4, value >>> 0, true);
  }
  return new Uint8Array(bytes.buffer);
}
