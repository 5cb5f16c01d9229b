/*
 * What the cards of Learner Home and of Studio have in common.
 *
 * None of these files is a module: they are put into one, behind what that has imported, since the
 * two slot systems import the same things from different packages. See the *.plugin_framework.jsx
 * and *.frontend_base.jsx. There is no style sheet to go with them, either: they make do with
 * Paragon's components and classes, and with styles that hold in both directions of writing.
 */
function makeMicrocredentialsTools({
  createIntl, getHttpClient, getLocale, logError, messages,
}) {
  const FRESH_FOR = 60 * 1000;
  const FAILED_FOR = 5 * 1000;
  const TIMEOUT = 30 * 1000;
  // The plugin is not installed behind this address, or has nothing to say to this person.
  const NOT_FOR_US = [401, 403, 404];

  // A site may be in a language that there are no messages in. The digits are those of the
  // sentences that come from the LMS.
  function makeIntl() {
    const wanted = getLocale();
    const language = wanted.split('-')[0];
    const isKnown = language in messages;
    return createIntl({
      locale: `${isKnown ? wanted : 'en'}-u-nu-latn`,
      messages: messages[isKnown ? language : 'en'],
    });
  }

  // An address that may stand in a link. A link to anything but a page is no link.
  function webAddress(text, base) {
    try {
      const { href, protocol } = new URL(text, base);
      return text && ['http:', 'https:'].includes(protocol) ? href : null;
    } catch {
      return null;
    }
  }

  /*
   * One question, to be asked by everything that shows its answer. A slot may be mounted, taken
   * away and mounted again while a page loads. So what was asked is kept out here: whoever mounts
   * next waits for the same answer, or has it at once. A failure is kept for as long as a page
   * takes to load. `read` makes content of an answer's data; where it raises, that is a failure too.
   */
  function makeQuestion({ getAddress, read }) {
    let asked = { until: -Infinity };
    let last = { state: 'waiting' };

    async function fetchAnswer() {
      try {
        const { data } = await getHttpClient().get(getAddress(), { timeout: TIMEOUT });
        return { state: 'known', content: read(data) };
      } catch (error) {
        if (NOT_FOR_US.includes(error.response?.status)) {
          return { state: 'nothing' };
        }
        logError(error);
        return { state: 'failed' };
      }
    }

    function ask({ anew = false } = {}) {
      if (anew || Date.now() > asked.until) {
        const request = { until: Infinity };
        request.answer = fetchAnswer().then((answer) => {
          const hasFailed = answer.state === 'failed';
          request.until = Date.now() + (hasFailed ? FAILED_FOR : FRESH_FOR);
          last = hasFailed ? last : answer;
          // What is known already is better than an error.
          return last.state === 'known' ? last : answer;
        });
        asked = request;
      }
      return asked.answer;
    }

    return { ask, getLast: () => last };
  }

  // Paragon's Hyperlink is a box of its own, which running text does not flow around.
  function Link({ url, children }) {
    return url ? <a href={url} className="inline-link">{children}</a> : children;
  }

  // In a right-to-left page a title in Latin letters keeps its own direction.
  function Title({ url, children }) {
    return <Link url={url}><bdi>{children}</bdi></Link>;
  }

  return {
    Link, Title, makeIntl, makeQuestion, webAddress,
  };
}
