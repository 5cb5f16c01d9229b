/* A whole env.config.jsx for one micro-frontend, where Tutor does not write one. */
async function setConfig() {
  const { DIRECT_PLUGIN, PLUGIN_OPERATIONS } = await import('@openedx/frontend-plugin-framework');

__DEFINITIONS__
  return {
    pluginSlots: {
__SLOTS__
    },
  };
}

export default setConfig;
