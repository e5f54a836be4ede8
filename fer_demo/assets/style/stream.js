// Gradio closes its stream of answers when none is awaited. An event sent at that moment, while the page does not know
// it yet, would wait for ever on the closed stream. So the page is told that an event was taken only after the stream
// has said something about the event, or has ended; for an event that comes after the end Gradio opens another one.
(() => {
  const plainFetch = window.fetch;
  let stream = null; // the one that Gradio believes to be open

  const begun = (signal) => {
    const mine = {ids: new Set(), ended: false, waiting: new Set()};
    const wake = () => mine.waiting.forEach((look) => look());
    let rest = '';
    const decoder = new TextDecoder();
    mine.hear = (chunk) => {
      const text = rest + decoder.decode(chunk, {stream: true});
      for (const [, id] of text.matchAll(/"event_id":\s*"(\w+)"/g)) mine.ids.add(id);
      rest = text.slice(-100);
      wake();
    };
    mine.end = () => { mine.ended = true; wake(); };
    signal?.addEventListener('abort', mine.end); // Gradio has seen its end
    return mine;
  };

  const heard = async (answer, mine) => {
    const reader = answer.body.getReader();
    const body = new ReadableStream({
      async pull(out) {
        try {
          const {done, value} = await reader.read();
          if (!done) { mine.hear(value); out.enqueue(value); return; }
          mine.end();
          out.close();
        } catch (error) {
          mine.end();
          out.error(error);
        }
      },
      cancel(reason) { mine.end(); return reader.cancel(reason); },
    });
    return new Response(body, answer);
  };

  const told = (mine, id) => new Promise((done) => {
    const look = () => {
      if (!mine.ended && !mine.ids.has(id)) return;
      mine.waiting.delete(look);
      done();
    };
    mine.waiting.add(look);
    look();
  });

  window.fetch = async (asked, options) => {
    const {pathname} = new URL(asked.url ?? asked, location.href);
    if (pathname.endsWith('/queue/data')) {
      const mine = stream = begun(options?.signal ?? asked.signal);
      try {
        return heard(await plainFetch(asked, options), mine);
      } catch (error) {
        mine.end();
        throw error;
      }
    }
    const answer = await plainFetch(asked, options);
    if (pathname.endsWith('/queue/join') && answer.ok && stream) {
      await told(stream, (await answer.clone().json()).event_id);
    }
    return answer;
  };
})();
