// `polyadic completion SHELL`: a script that completes commands and options, made from what the commands say of themselves.
import { requireKnownNames } from '../../names.js';
import { shortNames } from '../arguments.js';
import type { Command } from '../command.js';

const shells = { bash: bashScript, zsh: zshScript, fish: fishScript } as const;

/** `commands` is asked for when the script is made: this command is one of them. */
export function completionCommand(commands: () => readonly Command[]): Command {
  return {
    name: 'completion',
    summary: 'a script that completes commands in bash, zsh or fish',
    operands: ['SHELL'],
    choices: Object.keys(shells),
    options: {},
    notes: `  source <(polyadic completion bash)
  polyadic completion zsh > ~/.zfunc/_polyadic
  polyadic completion fish > ~/.config/fish/completions/polyadic.fish`,

    run({ operands: [shell = ''] }) {
      requireKnownNames('completion', [shell], Object.keys(shells), 'shell');
      process.stdout.write(shells[shell as keyof typeof shells](commands()));
      return Promise.resolve(0);
    },
  };
}

/** By command, what follows it if that is no file. */
const choicesOf = (commands: readonly Command[]): (readonly [command: string, words: string])[] => [
  ['help', commands.map(({ name }) => name).join(' ')] as const,
  ...commands.flatMap(({ name, choices }) => (choices ? [[name, choices.join(' ')] as const] : [])),
];

const flagsOf = ({ options }: Command): string =>
  [...Object.keys(options), 'help'].map((name) => `--${name}`).join(' ');

function bashScript(commands: readonly Command[]): string {
  const cases = commands.map((command) => `    ${command.name}) words="${flagsOf(command)}" ;;`);
  const choices = choicesOf(commands).map(([name, words]) => `    ${name}\\ *) words="${words}" ;;`);
  return `_polyadic() {
  local words="${commands.map(({ name }) => name).join(' ')} help version"
  local current="\${COMP_WORDS[COMP_CWORD]}"
  if [ "$COMP_CWORD" -gt 1 ]; then
    case "\${COMP_WORDS[1]}" in
${cases.map((line) => `  ${line}`).join('\n')}
    esac
    case "\${COMP_WORDS[1]} $current" in
      *\\ -*) ;;
${choices.map((line) => `  ${line}`).join('\n')}
      *) COMPREPLY=($(compgen -f -- "$current")); return ;;
    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o filenames -F _polyadic polyadic
`;
}

function zshScript(commands: readonly Command[]): string {
  const cases = commands.map((command) => `    ${command.name}) compadd -- ${flagsOf(command)} ;;`);
  const choices = choicesOf(commands).map(([name, words]) => `    ${name}) compadd -- ${words} ;;`);
  return `#compdef polyadic
if (( CURRENT == 2 )); then
  compadd -- ${commands.map(({ name }) => name).join(' ')} help version
elif [[ $words[CURRENT] == -* ]]; then
  case $words[2] in
${cases.join('\n')}
  esac
else
  case $words[2] in
${choices.join('\n')}
    *) _files ;;
  esac
fi
`;
}

function fishScript(commands: readonly Command[]): string {
  const names = commands.map(
    ({ name, summary }) => `complete -c polyadic -n __fish_use_subcommand -a ${name} -d '${quoted(summary)}'`,
  );
  const choices = choicesOf(commands).map(
    ([name, words]) => `complete -c polyadic -n '__fish_seen_subcommand_from ${name}' -f -a '${words}'`,
  );
  const options = commands.flatMap(({ name, options }) =>
    Object.entries(options).map(
      ([option, { help }]) =>
        `complete -c polyadic -n '__fish_seen_subcommand_from ${name}' -l ${option}${shortOf(option)} -d '${quoted(help.slice(0, 60))}'`,
    ),
  );
  return [
    ...names,
    ...['help', 'version'].map((name) => `complete -c polyadic -n __fish_use_subcommand -a ${name}`),
    ...choices,
    ...options,
    '',
  ].join('\n');
}

/** ` -s r` for `--rank`. */
const shortOf = (option: string): string => (shortNames[option] ? ` -s ${shortNames[option]}` : '');

const quoted = (text: string): string => text.replaceAll("'", "\\'");
