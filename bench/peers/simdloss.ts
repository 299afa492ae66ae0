// This folder has a package.json of its own, so the package's name does not lead to the package here.
export * from '../../dist/index.js';
