/* A learner's microcredentials, as a card for the sidebar of Learner Home. See shared.jsx. */
function makeMicrocredentialsWidget({
  Button, Card, ProgressBar, Skeleton, createIntl, getLmsBaseUrl, getHttpClient,
  getLocale, logError, messages, useEffect, useRef, useState,
}) {
  const TITLE_ID = 'microcredentials-widget-title';
  const DATE = {
    day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC',
  };
  const FOUR_LINES = {
    WebkitBoxOrient: 'vertical', WebkitLineClamp: 4, display: '-webkit-box', lineHeight: 1.3, overflow: 'hidden',
  };
  const BADGES = {
    display: 'grid', gap: '1rem 0.75rem', gridTemplateColumns: 'repeat(auto-fill, minmax(5.5rem, 1fr))',
  };
  const {
    Link, Title, makeIntl, makeQuestion, webAddress: webAddressFrom,
  } = makeMicrocredentialsTools({
    createIntl, getHttpClient, getLocale, logError, messages,
  });

  function webAddress(text) {
    return webAddressFrom(text, getLmsBaseUrl());
  }

  // The rest relies on this shape; what has another is a failure, and not half a card.
  function readOverview(data) {
    const { awards, under_way: underWay } = data;
    return {
      homeUrl: webAddress(data.home_url),
      catalogUrl: webAddress(data.catalog_url),
      isComplete: data.is_complete,
      awards: {
        count: awards.count,
        results: awards.results.map((award) => ({
          key: award.uuid,
          title: award.title,
          stateText: award.state === 'active' ? null : award.state_text,
          metOn: award.met_on ? new Date(award.met_on) : null,
          url: webAddress(award.url),
          imageUrl: webAddress(award.image_url),
        })),
      },
      underWay: {
        count: underWay.count,
        results: underWay.results.map((one) => ({
          key: one.uuid,
          title: one.title,
          url: webAddress(one.url),
          imageUrl: webAddress(one.image_url),
          done: one.done,
          total: one.total,
          summary: one.summary,
          isBeingAwarded: one.is_being_awarded,
          nextStep: one.next_step
            && { text: one.next_step.text, url: webAddress(one.next_step.url) },
        })),
      },
    };
  }

  const question = makeQuestion({
    getAddress: () => `${getLmsBaseUrl()}/microcredentials/api/v1/overview/`,
    read: readOverview,
  });

  // The title stands beside it, so it says nothing of its own.
  function Picture({ url, size, faded }) {
    const style = {
      display: 'inline-block',
      flex: 'none',
      width: size,
      height: size,
      objectFit: 'contain',
      opacity: faded ? 0.5 : 1,
    };
    return url ? <img src={url} alt="" style={style} /> : <span style={style} />;
  }

  function Award({ award, intl }) {
    return (
      <li style={{ minWidth: 0, overflowWrap: 'anywhere' }}>
        <Picture url={award.imageUrl} size={72} faded={award.stateText !== null} />
        <div className="small font-weight-bold mt-2" style={FOUR_LINES} title={award.title}>
          <Title url={award.url}>{award.title}</Title>
        </div>
        {(award.stateText || award.metOn) && (
          <div className="x-small mt-1">
            {award.stateText ? <bdi>{award.stateText}</bdi> : intl.formatDate(award.metOn, DATE)}
          </div>
        )}
      </li>
    );
  }

  function NextStep({ one, intl }) {
    if (one.isBeingAwarded) {
      return <p className="small mb-0 font-weight-bold">{intl.formatMessage({ id: 'beingAwarded' })}</p>;
    }
    if (!one.nextStep) {
      return null;
    }
    return (
      <p className="small mb-0">
        <span className="font-weight-bold">{intl.formatMessage({ id: 'nextStep' })}</span>
        {' '}
        <Title url={one.nextStep.url}>{one.nextStep.text}</Title>
      </p>
    );
  }

  function UnderWay({ one, intl }) {
    return (
      <li className="d-flex mt-3" style={{ gap: '0.75rem', overflowWrap: 'anywhere' }}>
        <Picture url={one.imageUrl} size={40} />
        <div style={{ flex: 1, minWidth: 0 }}>
          <div className="font-weight-bold" style={{ lineHeight: 1.3 }}>
            <Title url={one.url}>{one.title}</Title>
          </div>
          {/* The sentence below it says the same. */}
          <div aria-hidden="true" className="my-2">
            <ProgressBar
              now={one.done}
              max={Math.max(one.total, 1)}
              variant="success"
              style={{ height: '0.5rem' }}
            />
          </div>
          <p className="small mb-1"><bdi>{one.summary}</bdi></p>
          <NextStep one={one} intl={intl} />
        </div>
      </li>
    );
  }

  function More({ count, url, id, intl }) {
    return count > 0 && (
      <p className="small mt-3 mb-0">
        <Link url={url}>{intl.formatMessage({ id }, { count })}</Link>
      </p>
    );
  }

  function Awards({ overview, intl }) {
    const { count, results } = overview.awards;
    return (
      <Card.Section>
        <ul className="list-unstyled mb-0 text-center" style={BADGES}>
          {results.map((award) => <Award key={award.key} award={award} intl={intl} />)}
        </ul>
        <More count={count - results.length} url={overview.homeUrl} id="moreAwards" intl={intl} />
      </Card.Section>
    );
  }

  function AllUnderWay({ overview, intl }) {
    const { count, results } = overview.underWay;
    return (
      <Card.Section>
        <h3 className="h4 mb-0">{intl.formatMessage({ id: 'underWay' })}</h3>
        <ul className="list-unstyled mb-0">
          {results.map((one) => <UnderWay key={one.key} one={one} intl={intl} />)}
        </ul>
        <More count={count - results.length} url={overview.homeUrl} id="moreUnderWay" intl={intl} />
      </Card.Section>
    );
  }

  function Overview({ overview, intl }) {
    const hasAwards = overview.awards.results.length > 0;
    const hasUnderWay = overview.underWay.results.length > 0;
    const isEmpty = !hasAwards && !hasUnderWay && overview.isComplete;
    return (
      <>
        {isEmpty && (
          <Card.Section>
            <p className="font-weight-bold mb-1">{intl.formatMessage({ id: 'empty' })}</p>
            <p className="small mb-0">{intl.formatMessage({ id: 'emptyMore' })}</p>
          </Card.Section>
        )}
        {hasAwards && <Awards overview={overview} intl={intl} />}
        {hasUnderWay && <AllUnderWay overview={overview} intl={intl} />}
        {!overview.isComplete && (
          <Card.Section>
            <p className="small mb-0">{intl.formatMessage({ id: 'incomplete' })}</p>
          </Card.Section>
        )}
        <Card.Section>
          <div className="d-flex flex-wrap small" style={{ gap: '0.25rem 1.5rem' }}>
            {!isEmpty && <Link url={overview.homeUrl}>{intl.formatMessage({ id: 'home' })}</Link>}
            <Link url={overview.catalogUrl}>{intl.formatMessage({ id: 'catalog' })}</Link>
          </div>
        </Card.Section>
      </>
    );
  }

  function Waiting({ intl }) {
    return (
      <Card.Section>
        <span role="status" className="sr-only">{intl.formatMessage({ id: 'loading' })}</span>
        <div aria-hidden="true">
          <div className="d-flex" style={{ gap: '0.75rem' }}>
            {[1, 2, 3].map((key) => (
              <div key={key} className="text-center" style={{ flex: 1, maxWidth: '8rem' }}>
                <Skeleton circle width={72} height={72} />
                <Skeleton className="mt-2" />
              </div>
            ))}
          </div>
          <Skeleton className="mt-4" count={3} />
        </div>
      </Card.Section>
    );
  }

  function Failed({ onRetry, isAsking, intl }) {
    return (
      <Card.Section>
        <p role="status" className="small mb-2">
          {intl.formatMessage({ id: isAsking ? 'loading' : 'failed' })}
        </p>
        {/* Not `disabled`, which would take the focus away. */}
        <Button size="sm" variant="outline-primary" aria-disabled={isAsking} onClick={onRetry}>
          {intl.formatMessage({ id: 'retry' })}
        </Button>
      </Card.Section>
    );
  }

  return function MicrocredentialsWidget() {
    const [answer, setAnswer] = useState(question.getLast());
    const [isAsking, setIsAsking] = useState(false);
    const [hasRetried, setHasRetried] = useState(false);
    const isMounted = useRef(false);
    const title = useRef(null);

    const update = async (options) => {
      setIsAsking(true);
      const received = await question.ask(options);
      if (isMounted.current) {
        setAnswer(received);
        setIsAsking(false);
      }
    };
    const retry = () => {
      if (!isAsking) {
        setHasRetried(true);
        update({ anew: true });
      }
    };

    useEffect(() => {
      isMounted.current = true;
      update();
      return () => { isMounted.current = false; };
    }, []);
    // The button that had the focus has gone.
    useEffect(() => {
      if (hasRetried && answer.state === 'known') {
        title.current?.focus();
      }
    }, [hasRetried, answer.state]);

    if (answer.state === 'nothing') {
      return null;
    }
    const intl = makeIntl();
    return (
      <section className="mb-4" aria-labelledby={TITLE_ID} aria-busy={answer.state === 'waiting'}>
        <Card>
          <Card.Header
            title={(
              <h2 id={TITLE_ID} ref={title} tabIndex={-1} className="h3 mb-0">
                {intl.formatMessage({ id: 'title' })}
              </h2>
            )}
          />
          {answer.state === 'waiting' && <Waiting intl={intl} />}
          {answer.state === 'failed' && <Failed onRetry={retry} isAsking={isAsking} intl={intl} />}
          {answer.state === 'known' && <Overview overview={answer.content} intl={intl} />}
        </Card>
      </section>
    );
  };
}
