/*
 * For frontend-plugin-framework. It goes into the part of env.config.jsx that only Learner Home
 * keeps, within an async function: another micro-frontend neither loads nor even resolves what is
 * imported here, and no name here meets one of another plugin's.
 */
const MicrocredentialsWidget = await (async () => {
  const { useEffect, useRef, useState } = await import('react');
  const {
    Button, Card, ProgressBar, Skeleton,
  } = await import('@openedx/paragon');
  const { getConfig } = await import('@edx/frontend-platform');
  const { getAuthenticatedHttpClient } = await import('@edx/frontend-platform/auth');
  const { createIntl, getLocale } = await import('@edx/frontend-platform/i18n');
  const { logError } = await import('@edx/frontend-platform/logging');
  const messages = __MESSAGES__;

__SHARED__

__CARDS__

  return makeMicrocredentialsWidget({
    Button,
    Card,
    ProgressBar,
    Skeleton,
    createIntl,
    getHttpClient: getAuthenticatedHttpClient,
    getLmsBaseUrl: () => getConfig().LMS_BASE_URL,
    getLocale,
    logError,
    messages,
    useEffect,
    useRef,
    useState,
  });
})();
