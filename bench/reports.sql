-- Fills a site for bench/reports.py: hits on 10,000 links through four channels, each link for a
-- week of the 28 days, as articles are; their ledger and rollups, and a million shares in
-- cascades of up to 14, stars and chains. Links, days, channels, shares and all that rollups tell
-- apart are the same for any number of hits from a million on.

TRUNCATE analytics_batch, analytics_hit, analytics_share, analytics_outcome, analytics_cascade,
    analytics_dailycontent, analytics_dailysite, analytics_dailyoutcome, analytics_dailysiteoutcome,
    analytics_dailydelay, analytics_dailysitedelay, analytics_dailyforward, analytics_dailyaudience,
    analytics_dailysiteaudience, analytics_dailyledger, analytics_agent, shortener_link,
    shortener_campaign, shortener_site
    RESTART IDENTITY CASCADE;

INSERT INTO shortener_site
    (id, name, key, hosts, time_zone, domain, channels, tags, tag_parameter, version)
VALUES (1, 'Bench', 'bench', '["example.com"]', 'UTC', '', '[]', '{"utm_medium": "share"}', 'gv', 1);

INSERT INTO shortener_campaign (id, site_id, name, slug, tags, version)
SELECT n, 1, 'Campaign ' || n, 'campaign-' || n, '{"utm_campaign": "{campaign}"}', 1
FROM generate_series(0, 9) AS n;

INSERT INTO shortener_link (
    id, site_id, campaign_id, destination, page, title, tags, active, fallback_url,
    forward_query, registered, image, created, version, merged_into_id
)
SELECT n, 1, n %% 10, 'https://example.com/' || n, 'example.com/' || n, 'Page ' || n,
    jsonb_build_object('topic', 'topic-' || n %% 50), true, '', true, true, '', now(), 1,
    CASE WHEN n %% 100 = 1 THEN 100 END
FROM generate_series(1, 10000) AS n;

INSERT INTO analytics_agent (id, digest, user_agent, signals, device, system, browser, learnt)
VALUES (1, 'bench', 'Bench', 'GET https', 'phone', 'iOS', 'Mobile Safari', now());

INSERT INTO analytics_hit (
    batch_id, at, day, hour, link_id, share_id, channel, observed, kind, rule, agent_id,
    referrer, language, country, visitor
)
SELECT i / 5000 + 1, at, at::date, (isodow - 1) * 24 + extract(hour FROM at), link, share * 64 + channel,
    channel, 0, CASE WHEN (i * 2654435761 >> 7) %% 5 = 0 THEN 2 ELSE 1 END, 'person', 1,
    (ARRAY['', '', 't.me', 'l.facebook.com'])[link %% 4 + 1], (ARRAY['en', 'de', 'fr'])[link %% 3 + 1],
    (ARRAY['DE', 'FR', 'IN', 'BR', 'US'])[link %% 5 + 1], i
FROM (
    SELECT i, i %% 1000000 AS share, i %% 10000 + 1 AS link,
        (ARRAY[1, 3, 11, 5])[i %% 1000000 / 280000 + 1] AS channel,
        %(start)s::timestamp
            + (i %% 10000 %% 22 + i %% 1000000 / 10000 %% 7) * interval '1 day'
            + (i %% 10000 %% 24) * interval '1 hour' AS at
    FROM generate_series(0, %(hits)s - 1) AS i
) AS numbered, LATERAL (SELECT extract(isodow FROM at)::int AS isodow) AS week;

INSERT INTO analytics_batch (id, writer, sequence, committed, received, clicks, previews)
SELECT batch_id, 'bench', batch_id, %(start)s::timestamp + interval '12 hours', count(*),
    count(*) FILTER (WHERE kind = 1), count(*) FILTER (WHERE kind = 2)
FROM analytics_hit GROUP BY batch_id;

INSERT INTO analytics_dailyledger (day, received, clicks, previews)
SELECT committed::date, sum(received), sum(clicks), sum(previews) FROM analytics_batch GROUP BY 1;

INSERT INTO analytics_dailycontent
    (day, link_id, channel, clicks, previews, visitors, new_visitors, offers, presses, visits)
SELECT day, link_id, channel, clicks, previews, clicks, clicks, 2, 1, 1
FROM (
    SELECT day, link_id, channel, count(*) FILTER (WHERE kind = 1) AS clicks,
        count(*) FILTER (WHERE kind = 2) AS previews
    FROM analytics_hit GROUP BY day, link_id, channel ORDER BY day, link_id, channel
) AS counted;

INSERT INTO analytics_dailysite
    (site_id, day, channel, clicks, previews, visitors, new_visitors, offers, presses, visits)
SELECT 1, day, channel, sum(clicks), sum(previews), sum(visitors), sum(new_visitors), sum(offers),
    sum(presses), sum(visits)
FROM analytics_dailycontent GROUP BY day, channel;

INSERT INTO analytics_dailyaudience (link_id, dimension, day, channel, value, clicks)
SELECT link_id, dimension, day, channel, value, count(*)
FROM analytics_hit, LATERAL (VALUES
    (1, country), (2, 'phone'), (3, 'iOS'), (4, 'Mobile Safari'), (5, language),
    (6, referrer), (7, hour::text)
) AS known (dimension, value)
WHERE kind = 1 AND value <> ''
GROUP BY link_id, dimension, day, channel, value ORDER BY 1, 2, 3, 4, 5;

INSERT INTO analytics_dailysiteaudience (site_id, dimension, day, channel, value, clicks)
SELECT 1, dimension, day, channel, value, sum(clicks)
FROM analytics_dailyaudience GROUP BY dimension, day, channel, value;

-- The fourteen shares of a link whose numbers are 10,000 apart are a cascade: a star for links
-- of even numbers, else a chain.
CREATE TEMPORARY TABLE made AS
SELECT n, link, day, channel, observed, place,
    n - step * 10000 AS root,
    CASE WHEN step = 0 THEN NULL WHEN is_star THEN n - step * 10000 ELSE n - 10000 END AS parent,
    CASE WHEN is_star THEN least(step, 1) ELSE step END AS generation,
    CASE WHEN NOT is_star THEN (step < 13 AND n + 10000 < 1000000)::int
        WHEN step = 0 THEN least(13, (999999 - n) / 10000) ELSE 0 END AS children
FROM (
    SELECT n, n %% 10000 + 1 AS link, %(start)s::date + (n %% 10000 %% 22 + n / 10000 %% 7)::int AS day,
        (ARRAY[1, 3, 11, 5])[n / 280000 + 1] AS channel,
        CASE WHEN n / 280000 = 2 AND n %% 3 = 0 THEN 2 ELSE 0 END AS observed,
        (ARRAY['top', 'end', ''])[n %% 3 + 1] AS place,
        n / 10000 %% 14 AS step, n %% 2 = 1 AS is_star
    FROM generate_series(0, 999999) AS n
) AS numbered;

INSERT INTO analytics_share (id, link_id, channel, created, pressed, parent, placement, flag)
SELECT n * 64 + channel, link, channel, day, day, NULL, place, '' FROM made;

INSERT INTO analytics_outcome (
    share_id, link_id, channel, start, day, placement, observed, seen, pressed, pasted, opened,
    clicks, visits, conversions, parent, root, generation, children, prompt_children
)
SELECT n * 64 + channel, link, channel, day, day, place, observed, 0, true, n %% 20,
    n %% 5000, coalesce(clicked.number, 0), 0, 0, parent * 64 + 1, root * 64 + 1, generation,
    children, least(children, 7)
FROM made LEFT JOIN (
    SELECT share_id / 64 AS n, count(*) AS number FROM analytics_hit WHERE kind = 1 GROUP BY 1
) AS clicked USING (n);

INSERT INTO analytics_dailyoutcome (
    day, link_id, channel, observed, placement, generation, shares, pressed, pasted, opened,
    passed_on, clicks, children, prompt_children, prompt_children_squared
)
SELECT day, link_id, channel, observed, placement, generation, count(*), count(*), count(*),
    count(*), count(*) FILTER (WHERE children > 0), sum(clicks), sum(children),
    sum(prompt_children), sum(prompt_children * prompt_children)
FROM analytics_outcome GROUP BY day, link_id, channel, observed, placement, generation
ORDER BY 1, 2;

INSERT INTO analytics_dailysiteoutcome (
    site_id, day, channel, observed, placement, generation, shares, pressed, pasted, opened,
    passed_on, clicks, children, prompt_children, prompt_children_squared
)
SELECT 1, day, channel, observed, placement, generation, sum(shares), sum(pressed), sum(pasted),
    sum(opened), sum(passed_on), sum(clicks), sum(children), sum(prompt_children),
    sum(prompt_children_squared)
FROM analytics_dailyoutcome GROUP BY day, channel, observed, placement, generation;

INSERT INTO analytics_dailydelay (link_id, day, channel, measure, bucket, number)
SELECT link_id, day, channel, measure, bucket, sum(number)
FROM analytics_outcome, LATERAL (VALUES
    (1, pasted, 1), (2, opened, 1), (3, opened, clicks)
) AS known (measure, seconds, number),
LATERAL (
    SELECT CASE WHEN seconds < 1 THEN 0 ELSE floor(2 * ln(seconds::float) / ln(2::float)) + 1 END AS bucket
) AS delay
GROUP BY link_id, day, channel, measure, bucket ORDER BY 1, 2;

INSERT INTO analytics_dailysitedelay (site_id, day, channel, measure, bucket, number)
SELECT 1, day, channel, measure, bucket, sum(number)
FROM analytics_dailydelay GROUP BY day, channel, measure, bucket;

INSERT INTO analytics_dailyforward (day, link_id, channel, seen_in, shares)
SELECT day, link_id, channel, 4, count(*) FROM analytics_outcome
WHERE share_id %% 50 = 1 GROUP BY day, link_id, channel;

INSERT INTO analytics_cascade
    (root, link_id, channel, day, size, depth, breadth, distances, clicks)
SELECT root, min(link_id), 1, min(day), count(*), max(generation), 1, count(*) * count(*), sum(clicks)
FROM analytics_outcome GROUP BY root HAVING count(*) > 1;

DROP TABLE made;

-- For a product that is started on it: the rows above brought their own numbers.
SELECT setval(pg_get_serial_sequence(name, 'id'), 1000000) FROM (VALUES
    ('shortener_site'), ('shortener_campaign'), ('shortener_link'), ('analytics_agent'),
    ('analytics_batch')
) AS numbered (name);

INSERT INTO shortener_serialcounter (id, next) VALUES (1, 1000000)
ON CONFLICT (id) DO UPDATE SET next = EXCLUDED.next;

VACUUM ANALYZE;
