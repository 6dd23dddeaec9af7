// The version of this package, the same from the sources and from the built command line.
export { version } from '../../package.json' with { type: 'json' };
