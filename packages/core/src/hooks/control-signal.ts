/** Thrown by the runtime itself through whatever a processor awaits: never a fault of that processor. */
export abstract class ControlSignal extends Error {}
