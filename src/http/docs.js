// Adapts the component to this server and to the reader's browser.
const reference = document.querySelector('rapi-doc');
// The server that served the page, under the path of a sandbox too.
reference.setAttribute('server-url', new URL('v3', document.baseURI).href);
reference.setAttribute('theme', matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light');
if (matchMedia('(max-width: 767px)').matches) {
  // The component hides its navigation on narrow screens; this style shows all operations on one page.
  reference.setAttribute('render-style', 'read');
}
reference.addEventListener('spec-loaded', () => {
  reference.setHttpUserNameAndPassword('basic', 'andrea.leo@f21.it', '123456');
});
