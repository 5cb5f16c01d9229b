/* For frontend-base: a module of the site's own. */
import { useEffect, useRef, useState } from 'react';
import {
  Button, Card, ProgressBar, Skeleton,
} from '@openedx/paragon';
import {
  createIntl, getAuthenticatedHttpClient, getLocale, getSiteConfig, logError,
} from '@openedx/frontend-base';

const messages = __MESSAGES__;

__SHARED__

__CARDS__

export default makeMicrocredentialsWidget({
  Button,
  Card,
  ProgressBar,
  Skeleton,
  createIntl,
  getHttpClient: getAuthenticatedHttpClient,
  getLmsBaseUrl: () => getSiteConfig().lmsBaseUrl,
  getLocale,
  logError,
  messages,
  useEffect,
  useRef,
  useState,
});
