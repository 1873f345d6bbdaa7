// The development server would move the packages' scripts away from the files beside them.
export default { optimizeDeps: { exclude: ["toolgen", "toolgen-135m"] } };
