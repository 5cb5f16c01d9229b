/* A whole env.config.jsx for Learner Home, where Tutor does not write one. */
async function setConfig() {
  const { DIRECT_PLUGIN, PLUGIN_OPERATIONS } = await import('@openedx/frontend-plugin-framework');

__DEFINITIONS__
  return {
    pluginSlots: {
      '__SLOT__': {
        keepDefault: true,
        plugins: [
__PLUGIN__
        ],
      },
    },
  };
}

export default setConfig;
