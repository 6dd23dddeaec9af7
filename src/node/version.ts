// The version of this package, the same from the sources and from the built command line.
import manifest from '../../package.json' with { type: 'json' };

export const version = manifest.version;
