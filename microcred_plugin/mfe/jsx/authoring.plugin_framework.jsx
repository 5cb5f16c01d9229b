/*
 * For frontend-plugin-framework. It goes into the part of env.config.jsx that only the authoring
 * micro-frontend keeps, within an async function: another one neither loads nor even resolves what
 * is imported here, and no name here meets one of another plugin's.
 */
const MicrocredentialsForCourses = await (async () => {
  const {
    useContext, useEffect, useMemo, useState,
  } = await import('react');
  const { useParams } = await import('react-router-dom');
  const {
    Badge, Card, Icon, useMediaQuery,
  } = await import('@openedx/paragon');
  const { getConfig } = await import('@edx/frontend-platform');
  const { getAuthenticatedHttpClient } = await import('@edx/frontend-platform/auth');
  const { createIntl, getLocale } = await import('@edx/frontend-platform/i18n');
  const { logError } = await import('@edx/frontend-platform/logging');
  const { ErrorBoundary } = await import('@edx/frontend-platform/react');
  const messages = __MESSAGES__;

__SHARED__

__CARDS__

  // The pages of the outline's sidebar, from Verawood on. Earlier releases have no such module, and
  // to import by name what is not there would be the end of their build.
  async function findSidebarPages() {
    const found = require.context(
      'CourseAuthoring/course-outline',
      true,
      /\/OutlineSidebarPagesContext\.tsx$/,
      'lazy',
    );
    const [file] = found.keys();
    return file ? (await found(file)).OutlineSidebarPagesContext : null;
  }

  const SidebarPages = await findSidebarPages();
  const { CourseCard, SidebarEntry, SidebarWithOurPage } = makeMicrocredentialsForCourses({
    Badge,
    Card,
    ErrorBoundary,
    Icon,
    SidebarPages,
    createIntl,
    getHttpClient: getAuthenticatedHttpClient,
    getLocale,
    getStudioBaseUrl: () => getConfig().STUDIO_BASE_URL,
    logError,
    messages,
    useContext,
    useEffect,
    useMediaQuery,
    useMemo,
    useParams,
    useState,
  });

  // Should one ever fail to render, its place is empty, instead of a whole page of error. What the
  // sidebar has by itself is at 50.
  function inserted(RenderWidget) {
    return {
      op: PLUGIN_OPERATIONS.Insert,
      widget: {
        id: 'microcredentials',
        type: DIRECT_PLUGIN,
        priority: 40,
        RenderWidget,
        errorFallbackComponent: <></>,
      },
    };
  }

  return {
    inPagesAndResources: inserted(CourseCard),
    inOutlineSidebar: SidebarPages
      ? { op: PLUGIN_OPERATIONS.Wrap, widgetId: 'default_contents', wrapper: SidebarWithOurPage }
      : inserted(SidebarEntry),
  };
})();
