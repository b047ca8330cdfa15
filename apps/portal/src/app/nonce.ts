/** What the page's policy wants style elements to carry; empty in development, where there is none. */
export const styleNonce = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? '';

// The package that locks scrolling behind a dialog asks for it under this name.
Object.assign(globalThis, { __webpack_nonce__: styleNonce });
