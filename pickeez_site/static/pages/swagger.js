// No validator: it would send the schema's address to another host.
SwaggerUIBundle({
  url: document.getElementById("viewer").dataset.schema,
  dom_id: "#viewer",
  validatorUrl: null,
  deepLinking: true,
  docExpansion: "list",
  filter: true,
  presets: [SwaggerUIBundle.presets.apis],
});
