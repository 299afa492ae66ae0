// What a server should send with the page. All of it works without: then there are no threads, and coarser clocks.

const directives = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self'",
  "img-src 'self'",
  "worker-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
];

/** Also in the page itself, for servers that send no headers. */
export const policy = directives.join('; ');

/** Shared memory needs the first two. */
export const isolation = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
};

export const headers: Record<string, string> = {
  ...isolation,
  // a page cannot forbid its own framing, only a server can
  'content-security-policy': `${policy}; frame-ancestors 'none'`,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
};
