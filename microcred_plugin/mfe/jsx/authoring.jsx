/*
 * What a course counts towards, for the authoring micro-frontend: a card among a course's pages and
 * resources, and an entry in the sidebar of its outline. See shared.jsx.
 *
 * `SidebarPages` is the context that an outline's sidebar takes its pages from, null if there is
 * none: then the sidebar is a column of text, and the entry stands at its top.
 */
function makeMicrocredentialsForCourses({
  Badge, Card, ErrorBoundary, Icon, SidebarPages, createIntl, getHttpClient, getLocale,
  getStudioBaseUrl, logError, messages, useContext, useEffect, useMediaQuery, useMemo, useParams,
  useState,
}) {
  const PAGE_KEY = 'microcredentials';
  const SIDEBAR_TITLE_ID = 'microcredentials-sidebar-title';
  const {
    Link, Title, makeIntl, makeQuestion, webAddress,
  } = makeMicrocredentialsTools({
    createIntl, getHttpClient, getLocale, logError, messages,
  });

  // The rest relies on this shape; what has another is a failure, and not half a card.
  function readCourse(data) {
    const { counts_towards: countsTowards } = data;
    return {
      url: webAddress(data.url),
      count: countsTowards.count,
      first: countsTowards.first.map((one) => ({
        key: one.uuid,
        title: one.title,
        organization: one.organization,
        url: webAddress(one.url),
      })),
      waiting: data.waiting,
      mayWrite: data.may_write,
    };
  }

  const questions = new Map();

  function questionAbout(courseKey) {
    if (!questions.has(courseKey)) {
      const path = `/microcredentials/api/v1/courses/${encodeURIComponent(courseKey)}/`;
      questions.set(courseKey, makeQuestion({
        getAddress: () => `${getStudioBaseUrl()}${path}`,
        read: readCourse,
      }));
    }
    return questions.get(courseKey);
  }

  // Its address is known even where Studio does not answer.
  function pageAbout(courseKey) {
    return `${getStudioBaseUrl()}/microcredentials/course/${encodeURIComponent(courseKey)}/`;
  }

  function useCourse() {
    const { courseId: courseKey } = useParams();
    const question = questionAbout(courseKey);
    const [received, setReceived] = useState({ question, answer: question.getLast() });
    useEffect(() => {
      let isMounted = true;
      question.ask().then((answer) => {
        if (isMounted) {
          setReceived({ question, answer });
        }
      });
      return () => { isMounted = false; };
    }, [question]);
    // What was received may be about the course that was here before.
    const answer = received.question === question ? received.answer : question.getLast();
    return {
      course: answer.content ?? null,
      url: answer.content?.url ?? pageAbout(courseKey),
      // Nothing as long as it loads, either: it may be that there is nothing for this person.
      isShown: answer.state === 'known' || answer.state === 'failed',
    };
  }

  // As the cards around ours say that something is enabled, only larger.
  function WaitingRequests({ course, intl }) {
    const style = { fontSize: '0.875rem', textAlign: 'start', whiteSpace: 'normal' };
    return course?.waiting > 0 && (
      <Badge variant="warning" className="mt-1 mb-2" style={style}>
        {intl.formatMessage({ id: 'waiting' }, { count: course.waiting })}
      </Badge>
    );
  }

  function CountsTowards({ course, intl }) {
    if (course.count === 0) {
      return <p className="small mb-2">{intl.formatMessage({ id: 'empty' })}</p>;
    }
    const more = course.count - course.first.length;
    return (
      <>
        <p className="small mb-2">
          {intl.formatMessage({ id: 'countsTowards' }, { count: course.count })}
        </p>
        <ul className="small list-unstyled mb-2">
          {course.first.map((one) => (
            <li key={one.key} className="mb-1" style={{ lineHeight: 1.3, overflowWrap: 'anywhere' }}>
              <Title url={one.url}>{one.title}</Title>
              {' '}
              <span className="x-small"><bdi>{one.organization}</bdi></span>
            </li>
          ))}
          {more > 0 && <li>{intl.formatMessage({ id: 'more' }, { count: more })}</li>}
        </ul>
      </>
    );
  }

  function linkText({ course, intl }) {
    if (course?.mayWrite && course.waiting > 0) {
      return intl.formatMessage({ id: 'answer' }, { count: course.waiting });
    }
    if (course?.mayWrite && course.count === 0) {
      return intl.formatMessage({ id: 'offer' });
    }
    return intl.formatMessage({ id: 'page' });
  }

  function Course({ course, url, intl }) {
    return (
      <>
        {course
          ? <CountsTowards course={course} intl={intl} />
          : <p className="small mb-2">{intl.formatMessage({ id: 'failed' })}</p>}
        <p className="small mb-0"><Link url={url}>{linkText({ course, intl })}</Link></p>
      </>
    );
  }

  // It looks as the cards around it do, and grows where those have a fixed height.
  function CourseCard() {
    const { course, url, isShown } = useCourse();
    const isDesktop = useMediaQuery({ query: '(min-width: 992px)' });
    if (!isShown) {
      return null;
    }
    const intl = makeIntl();
    return (
      <Card
        className={`shadow justify-content-between ${isDesktop ? 'desktop-card' : 'mobile-card'}`}
        style={{ height: 'auto', minHeight: '14rem' }}
      >
        <Card.Header
          title={intl.formatMessage({ id: 'title' })}
          subtitle={<WaitingRequests course={course} intl={intl} />}
          size="sm"
        />
        <Card.Body>
          <Card.Section><Course course={course} url={url} intl={intl} /></Card.Section>
        </Card.Body>
      </Card>
    );
  }

  // For a sidebar that is a column of text.
  function SidebarEntry() {
    const { course, url, isShown } = useCourse();
    if (!isShown) {
      return null;
    }
    const intl = makeIntl();
    return (
      <aside className="help-sidebar mt-4" aria-labelledby={SIDEBAR_TITLE_ID}>
        <div className="help-sidebar-about">
          <h4 id={SIDEBAR_TITLE_ID} className="help-sidebar-about-title">
            {intl.formatMessage({ id: 'title' })}
          </h4>
          <WaitingRequests course={course} intl={intl} />
          <Course course={course} url={url} intl={intl} />
          <hr className="my-3.5" />
        </div>
      </aside>
    );
  }

  function drawing(hasDot) {
    return function BadgeDrawing(props) {
      return (
        <svg viewBox="0 0 24 24" width="24" height="24" fill="currentColor" {...props}>
          <path d="M11 2a7 7 0 1 0 0 14 7 7 0 0 0 0-14zm0 2a5 5 0 1 1 0 10 5 5 0 0 1 0-10z" fillRule="evenodd" />
          <path d="M7 16.5V23l4-2.2 4 2.2v-6.5a9 9 0 0 1-8 0z" />
          {hasDot && <circle cx="19.5" cy="4.5" r="4" style={{ fill: 'var(--pgn-color-danger-base, currentColor)' }} />}
        </svg>
      );
    };
  }
  const BadgeIcon = drawing(false);
  const BadgeIconWithDot = drawing(true);

  // For a sidebar that has pages.
  function SidebarPage() {
    const { course, url, isShown } = useCourse();
    if (!isShown) {
      return null;
    }
    const intl = makeIntl();
    return (
      <>
        <div className="d-flex mb-3" style={{ gap: '0.5rem' }}>
          <Icon src={BadgeIcon} className="text-primary" />
          <h2 className="text-primary h3 mb-0">{intl.formatMessage({ id: 'title' })}</h2>
        </div>
        <hr className="border" style={{ marginInline: '-1rem' }} />
        <div className="px-3 py-1">
          <WaitingRequests course={course} intl={intl} />
          <Course course={course} url={url} intl={intl} />
        </div>
      </>
    );
  }

  // Should it ever fail to render, its place is empty, instead of a whole page of error.
  function SafeSidebarPage() {
    return <ErrorBoundary fallbackComponent={<></>}><SidebarPage /></ErrorBoundary>;
  }

  function withOurPage(pages, { course, isShown }) {
    if (!isShown) {
      // A reader may come to the address of our page, and the sidebar shows what that names without
      // looking whether there is one. It gets the first page, which is not listed a second time.
      return Object.defineProperty({ ...pages }, PAGE_KEY, { value: Object.values(pages)[0] });
    }
    const intl = makeIntl();
    const count = course?.waiting ?? 0;
    // The sidebar formats it, and has no message of ours.
    const title = {
      id: 'microcredentials.sidebar.title',
      defaultMessage: count > 0
        ? intl.formatMessage({ id: 'titleWaiting' }, { count })
        : intl.formatMessage({ id: 'title' }),
    };
    return {
      ...pages,
      [PAGE_KEY]: {
        component: SafeSidebarPage,
        icon: count > 0 ? BadgeIconWithDot : BadgeIcon,
        title,
        tooltip: title,
      },
    };
  }

  function SidebarWithOurPage({ component }) {
    const { course, isShown } = useCourse();
    const pages = useContext(SidebarPages);
    const allPages = useMemo(
      () => withOurPage(pages, { course, isShown }),
      [pages, course, isShown],
    );
    return <SidebarPages.Provider value={allPages}>{component}</SidebarPages.Provider>;
  }

  return { CourseCard, SidebarEntry, SidebarWithOurPage };
}
