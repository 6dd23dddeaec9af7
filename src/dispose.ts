// Symbol.dispose where the runtime has it, else the well-known stand-in that lowered `using` declarations look for.
export const dispose: typeof Symbol.dispose = Symbol.dispose ?? Symbol.for('Symbol.dispose');
