// Lines of progress, which a run of more than five seconds writes where no terminal is: how many depends on the machine.
const progress =
  /^polyadic: (search|polish) +step .*\n|^polyadic: rank \d+ +relative error .*\n|^polyadic: \w+: step .*\n/gm;

export const withoutProgress = (stderr: string): string => stderr.replaceAll(progress, '');
