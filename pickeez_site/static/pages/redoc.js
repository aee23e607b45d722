const viewer = document.getElementById("viewer");
const font = "system-ui, sans-serif";
Redoc.init(
  viewer.dataset.schema,
  {
    scrollYOffset: ".bar",
    theme: {
      colors: { primary: { main: "#c2410c" } },
      typography: { fontFamily: font, headings: { fontFamily: font } },
    },
  },
  viewer,
);
