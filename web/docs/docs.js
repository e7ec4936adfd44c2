// Lays out /openapi.json for people: to read and to try under /docs, only to
// read under /redoc.
"use strict";

const reading = location.pathname.startsWith("/redoc");

const dark = matchMedia("(prefers-color-scheme: dark)");
const paint = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
dark.addEventListener("change", paint);
paint();

// The document names the address people are meant to use. A request that is
// tried from here goes where this page came from, and nowhere else.
const here = (server) => ({ ...server, url: location.origin + new URL(server.url, location.href).pathname.replace(/\/$/, "") });

// Takes the parts away that only trying needs.
const readOnly = () => ({ wrapComponents: { authorizeBtn: () => () => null, authorizeOperationBtn: () => () => null } });

async function layOut() {
  const response = await fetch("/openapi.json");
  if (!response.ok) {
    throw new Error(`status ${response.status}`);
  }
  const spec = await response.json();
  spec.servers = spec.servers.map(here);
  SwaggerUIBundle({
    spec,
    dom_id: "#docs",
    layout: "BaseLayout",
    presets: [SwaggerUIBundle.presets.apis],
    plugins: reading ? [readOnly] : [],
    deepLinking: true,
    docExpansion: "list",
    defaultModelsExpandDepth: reading ? 1 : 0,
    defaultModelRendering: "model",
    filter: !reading,
    supportedSubmitMethods: reading ? [] : ["get", "head", "post", "patch", "delete"],
    displayRequestDuration: true,
    validatorUrl: null,
  });
}

layOut().catch((err) => {
  document.querySelector(".wait").textContent = `The description could not be loaded (${err.message}). Is the server still running?`;
});
