"""The SQL that writes the rows of benchmarks/long_history.py: what they share, and the rows of each kind in turn."""

COMMON = """
CREATE FUNCTION pg_temp.part(i bigint) RETURNS float8 IMMUTABLE LANGUAGE sql
    RETURN (hashint8(i)::bigint & 2147483647) / 2147483648.0;
CREATE TEMPORARY TABLE moment AS SELECT now() AS made;
CREATE TEMPORARY VIEW kinds AS
    SELECT made, i, 1 + floor({accounts} * power(pg_temp.part(i), 3))::bigint AS account,
        i % 5 = 0 AS request, i % 100 AS c, made - ({count} - i) * interval '94.6 seconds' AS applied,
        1 + (i % 3 = 0)::int + (i % 30 = 0)::int AS orders
    FROM moment, generate_series(1, {count}) AS i;
CREATE TEMPORARY VIEW facts AS
    SELECT *, CASE
        WHEN request AND c = 50 OR NOT request AND c IN (1, 2, 3, 6, 7) THEN 'voided'
        WHEN request AND applied + interval '6 days 23 hours' < made - interval '1 hour' THEN 'invalid'
        WHEN request AND c % 20 = 10 OR NOT request AND c > 90 THEN 'draft'
        ELSE 'official' END AS status
    FROM kinds;
CREATE TEMPORARY VIEW bought AS
    SELECT made, 3 * i + k - 1 AS order_id, i AS contract, account, request AND NOT c > 50 AS unpaid, status,
        applied - interval '1 hour' AS ordered, c = 41 AS refunded
    FROM facts, generate_series(1, orders) AS k
    UNION ALL
    SELECT made, 3 * {count} + 2 * i + k, NULL, account, c % 3 = 0, status, applied - interval '1 hour', false
    FROM facts, generate_series(1, 1 + (i % 30 < 19)::int) AS k;
CREATE TEMPORARY VIEW goods AS
    SELECT *, over_at IS NOT NULL AS over, CASE WHEN NOT unpaid THEN ordered + interval '30 minutes' END AS paid
    FROM bought, LATERAL (SELECT CASE WHEN unpaid AND ordered + interval '7 days' < made - interval '1 hour'
        THEN ordered + interval '7 days' END AS over_at) AS ended;
CREATE FUNCTION pg_temp.iso(at timestamptz) RETURNS text LANGUAGE sql
    RETURN to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US+00:00');
CREATE FUNCTION pg_temp.link(previous text, before text, after text) RETURNS text IMMUTABLE LANGUAGE sql
    RETURN encode(sha256(convert_to(before || previous || after, 'UTF8')), 'hex');
CREATE FUNCTION pg_temp.remarks(i bigint) RETURNS text IMMUTABLE LANGUAGE sql RETURN CASE
    WHEN i % 10 = 0 THEN 'budget ' || i % 1000 WHEN i = 4321 THEN 'unique remark' ELSE NULL END;
CREATE AGGREGATE pg_temp.chain(text, text) (SFUNC = pg_temp.link, STYPE = text, INITCOND = '');
"""
"""`chain` is contracts/trail/chain.py: each hash covers the text before the last, the last, and the text after."""
ROWS = {
    "accounts": """
INSERT INTO accounts_account (id, number, certification, certified_name, credit_code, currency, time_zone, created_at,
        document_language)
    SELECT i, 30000000 + i, CASE WHEN i % 5 = 0 THEN 'none' ELSE 'enterprise' END,
        CASE WHEN i % 5 = 0 THEN '' ELSE format('北京云杉数据技术有限公司 Spruce Data %s', i) END,
        '91110000600037341L', 'CNY', 'Asia/Shanghai', now() - interval '3 years', ''
    FROM generate_series(1, {accounts}) AS i;
INSERT INTO auth_user (id, username, password, first_name, last_name, email, is_superuser, is_staff, is_active,
        date_joined)
    SELECT 1000 + i, 'buyer' || i, '!', '', '', 'buyer' || i || '@customer.example', false, false, true, now()
    FROM generate_series(1, {accounts}) AS i;
INSERT INTO accounts_membership (role, account_id, user_id, last_document_language)
    SELECT 'owner', i, 1000 + i, '' FROM generate_series(1, {accounts}) AS i;
INSERT INTO accounts_partyprofile (account_id, address, contact, phone, email, bank, bank_account, tax_number)
    SELECT i, '北京市海淀区中关村大街 1 号', '李雷', '+86 10 8000 0000', 'finance@customer.example', '', '', ''
    FROM generate_series(1, {accounts}) AS i;
INSERT INTO billing_remittanceaccount (id, account_id, payee, bank, account_number)
    SELECT i, i, '云帆科技（上海）有限公司', '招商银行上海张江支行', 1219000000000000 + i
    FROM generate_series(1, {accounts}) AS i;
INSERT INTO orders_product (id, code, name, supports_contracts)
    SELECT i, 'product-' || i, '云服务器 Elastic Compute ' || i, i % 10 > 0 FROM generate_series(1, 50) AS i;
""",
    "contracts": """
INSERT INTO contracts_contract (id, number, account_id, type, status, language, currency, total_amount, order_count,
        remarks, verification_code, party_a, party_b, remittance_account, order_numbers, applied_at, official_at,
        voided_at, invalid_at, valid_from, valid_until, expires_at, void_reason, reminded_at, issuer_version_id,
        clause_version_id, time_zone, verification_url)
    SELECT i, 'EC' || upper(left(md5(i::text), 12)), account, CASE WHEN request THEN 'payment_request' ELSE 'order' END,
        status, 'en', 'CNY', orders * 1080.50, orders, coalesce(pg_temp.remarks(i), ''),
        upper(left(md5('code' || i), 20)),
        '{{"name": "北京云杉数据技术有限公司 Spruce Data", "address": "北京市海淀区中关村大街 1 号", "contact": "李雷",
            "phone": "+86 10 8000 0000", "email": "finance@customer.example"}}',
        '{{"name": "云帆科技（上海）有限公司", "address": "上海市浦东新区张江路 88 号", "contact": "合同管理部",
            "phone": "+86 21 5000 0000", "email": "contracts@issuer.example"}}',
        CASE WHEN request THEN '{{"payee": "云帆科技（上海）有限公司", "bank": "招商银行",
            "account_number": "1219000000000001", "exclusive": true}}'::jsonb END,
        (SELECT jsonb_agg('FO' || 3 * i + k - 1) FROM generate_series(1, orders) AS k), applied,
        CASE WHEN status = 'official' OR c IN (6, 7) OR status = 'invalid' AND c > 30 THEN applied END,
        CASE WHEN status = 'voided' THEN applied + interval '3 hours' END,
        CASE WHEN status = 'invalid' THEN applied + interval '6 days 23 hours' END,
        CASE WHEN NOT request OR status = 'official' OR status = 'invalid' AND c > 30 THEN applied END,
        applied + CASE WHEN request THEN interval '6 days 23 hours' ELSE interval '365 days' END,
        CASE WHEN request THEN applied + interval '6 days 23 hours' END,
        CASE WHEN status = 'voided' THEN 'Wrong orders' ELSE '' END,
        CASE WHEN request AND applied < made - interval '5 days 23 hours'
                AND (status = 'official' OR status = 'draft') THEN applied + interval '5 days 23 hours'
            WHEN status = 'draft' AND applied < made - interval '7 days' THEN applied + interval '7 days' END,
        issuer.id, clauses.id, 'Asia/Shanghai', 'https://contracts.example.com/verify/'
    FROM facts, accounts_issuer AS issuer, contracts_clauseversion AS clauses
    WHERE clauses.type = CASE WHEN request THEN 'payment_request' ELSE 'order' END;
""",
    "orders": """
INSERT INTO orders_order (id, number, account_id, product_id, kind, configuration, region, quantity, currency,
        list_amount, payable_amount, status, ordered_at, payment_deadline, paid_at, cancelled_at, refunded_at,
        service_start, service_end)
    SELECT order_id, 'FO' || order_id, account, 1 + order_id % 50, 'new',
        '计算型 c6，8 核 16 GB；General purpose SSD (gp3) 200 GB; SKU 2KRSTFABXH77P2FQ; 12 months',
        'Asia Pacific (Tokyo)', 1, 'CNY', 1200, 1080.50,
        CASE WHEN over THEN 'cancelled' WHEN unpaid THEN 'unpaid' WHEN refunded THEN 'refunded' ELSE 'paid' END,
        ordered, ordered + interval '7 days', paid, over_at, CASE WHEN refunded THEN ordered + interval '2 hours' END,
        ordered, ordered + interval '365 days'
    FROM goods;
INSERT INTO contracts_contractorder (id, contract_id, order_id, snapshot, released_at)
    SELECT order_id, contract, order_id, jsonb_build_object('number', 'FO' || order_id, 'product_name',
            '云服务器 Elastic Compute', 'kind', 'new', 'quantity', 1, 'list_amount', '1200.00', 'payable_amount',
            '1080.50', 'region', 'Asia Pacific (Tokyo)', 'configuration',
            '计算型 c6，8 核 16 GB；General purpose SSD (gp3) 200 GB; SKU 2KRSTFABXH77P2FQ; 12 months',
            'ordered_at', pg_temp.iso(ordered), 'payment_deadline', pg_temp.iso(ordered + interval '7 days'),
            'paid_at', pg_temp.iso(paid), 'service_start', pg_temp.iso(ordered),
            'service_end', pg_temp.iso(ordered + interval '365 days')),
        CASE status WHEN 'voided' THEN ordered + interval '4 hours' WHEN 'invalid' THEN ordered + interval '7 days' END
    FROM goods WHERE contract IS NOT NULL;
""",
    "searches": """
INSERT INTO contracts_contractsearch (contract_id, account_id, text)
    SELECT id, account_id, ' ' || concat_ws('  ', pg_temp.remarks(id), {party}, {product}, lower(number),
        (SELECT string_agg(format('%s  product %s  product%s', lower(one), product, product), '  ') FROM
        jsonb_array_elements_text(order_numbers) AS one, LATERAL (SELECT 1 + substr(one, 3)::bigint % 50 AS product)
        AS made)) || ' '
    FROM contracts_contract;
""",
    "documents": """
INSERT INTO contracts_contractdocument (contract_id, kind, sha256, size, pages, created_at, level)
    SELECT id, kind, encode(sha256((id || kind)::bytea), 'hex'), 60000, 2,
        CASE kind WHEN 'draft' THEN applied_at WHEN 'official' THEN official_at ELSE voided_at END,
        CASE WHEN kind = 'draft' THEN '' ELSE 'B-B' END
    FROM contracts_contract, unnest(ARRAY['draft', 'official', 'void_certificate']) AS kind
    WHERE kind = 'draft' OR official_at IS NOT NULL AND (kind = 'official' OR status = 'voided')
    ORDER BY id;
""",
    "tickets": """
INSERT INTO contracts_voidticket (contract_id, status, reason, note, opened_by_id, opened_at, decided_by_id, decided_at)
    SELECT id, CASE WHEN status = 'voided' THEN 'approved' WHEN status = 'invalid' THEN 'lapsed' ELSE 'rejected' END,
        'Wrong orders', 'Seen', 1000 + account_id, applied_at + interval '1 hour',
        CASE WHEN status <> 'invalid' THEN 1 END,
        CASE WHEN status = 'invalid' THEN invalid_at ELSE applied_at + interval '3 hours' END
    FROM contracts_contract WHERE official_at IS NOT NULL AND
        (status = 'voided' OR status = 'invalid' AND id % 100 = 85 OR status = 'official' AND id % 100 IN (8, 9))
    ORDER BY id;
INSERT INTO contracts_voidticket (contract_id, status, reason, note, opened_by_id, opened_at)
    SELECT id, 'open', 'The company has another name since', '', 1000 + account_id, official_at + interval '1 hour'
    FROM contracts_contract WHERE status = 'official' AND id % 100 IN (11, 12, 15) ORDER BY id DESC LIMIT {waiting};
""",
    "events": """
CREATE TEMPORARY VIEW happened AS
    SELECT id AS contract_id, number, NULL::bigint AS ticket, place, kind, at, account_id,
        CASE WHEN kind = 'invalidated' THEN 'clock' WHEN id % 4 = 0 THEN 'api' ELSE 'page' END AS source,
        CASE WHEN document > '' THEN format('{{"level":"B-B","pages":2,"sha256":"%s","size":60000}}',
                encode(sha256((id || document)::bytea), 'hex'))
            WHEN kind = 'drafted' THEN format(
                '{{"account":%s,"issuer_version":%s,"level":"","pages":2,"sha256":"%s","size":60000}}',
                account_id, issuer_version_id, encode(sha256((id || 'draft')::bytea), 'hex'))
            ELSE '{{}}' END AS data
    FROM contracts_contract, LATERAL (VALUES (1, 'drafted', '', applied_at), (2, 'converted', 'official', official_at),
        (5, 'voided', CASE WHEN official_at IS NOT NULL THEN 'void_certificate' ELSE '' END, voided_at),
        (6, 'invalidated', '', invalid_at)) AS happened (place, kind, document, at)
    WHERE at IS NOT NULL
    UNION ALL
    SELECT contract_id, number, ticket.id, place, kind, at, account_id,
        CASE WHEN place < 4 THEN 'page' WHEN kind = 'ticket_lapsed' THEN 'clock' ELSE 'admin' END, '{{}}'
    FROM contracts_voidticket AS ticket JOIN contracts_contract AS contract ON contract.id = contract_id,
        LATERAL (VALUES
        (3, 'ticket_opened', opened_at), (CASE WHEN ticket.status = 'lapsed' THEN 7 ELSE 4 END,
            'ticket_' || ticket.status, decided_at)) AS happened (place, kind, at)
    WHERE at IS NOT NULL;
CREATE TEMPORARY VIEW placed AS
    SELECT *, row_number() OVER (PARTITION BY contract_id ORDER BY place) AS position,
        CASE WHEN source = 'clock' THEN NULL WHEN source = 'admin' THEN 1 ELSE 1000 + account_id END AS actor
    FROM happened;
INSERT INTO contracts_auditevent (contract_id, ticket_id, position, kind, actor_id, source, at, data, hash, previous)
    SELECT contract_id, ticket, position, kind, actor, source, at, data::jsonb, hash,
        coalesce(lag(hash) OVER (PARTITION BY contract_id ORDER BY position), '')
    FROM (SELECT *, pg_temp.chain(format('{{"actor":%s,"at":"%s","contract":"%s","data":%s,"kind":"%s","position":%s,'
                '"previous":"', coalesce(actor::text, 'null'), pg_temp.iso(at), number, data, kind, position),
            format('","source":"%s","ticket":%s}}', source, coalesce(ticket::text, 'null')))
            OVER (PARTITION BY contract_id ORDER BY position) AS hash
        FROM placed) AS chained
    ORDER BY contract_id, position;
""",
    "ledger": """
INSERT INTO billing_ledgerentry (account_id, amount, bank_reference, booking, received_on, order_number, booked_at,
        booked_by_id, note)
    SELECT account_id, 1080.50, 'CMB-' || id, 1, ordered_at::date, '', ordered_at, 1, ''
    FROM orders_order WHERE id % 8 = 0 ORDER BY id;
INSERT INTO billing_ledgerentry (account_id, amount, bank_reference, booking, order_number, booked_at, note)
    SELECT account_id, -1080.50, '', 1, number, paid_at, '' FROM orders_order WHERE id % 8 = 0 AND status = 'paid';
INSERT INTO billing_ledgerentry (account_id, amount, bank_reference, booking, order_number, booked_at, note,
        reverses_id)
    SELECT account_id, -amount, bank_reference, 1, '', booked_at, 'Booked twice', id
    FROM billing_ledgerentry WHERE amount > 0 AND id % 20 = 0;
""",
    "certifications": """
INSERT INTO accounts_certificationrequest (account_id, kind, name, credit_code, licence, status, note, requested_by_id,
        requested_at, decided_by_id, decided_at)
    SELECT i, 'enterprise', format('云杉数据 Spruce Data %s', i), '91110000600037341L', 'licences/1.pdf', status, '',
        1000 + i, now() - ({accounts} - i) * interval '1 hour', 1, now() - ({accounts} - i) * interval '1 hour'
    FROM generate_series(1, {accounts}) AS i, unnest(ARRAY['rejected', 'approved']) AS status
    WHERE status = 'approved' OR i % 10 = 0 ORDER BY i;
INSERT INTO accounts_certificationrequest (account_id, kind, name, credit_code, licence, status, note, requested_by_id,
        requested_at)
    SELECT i, 'enterprise', 'New name ' || i, '91110000600037341L', 'licences/1.pdf', 'pending', '', 1000 + i, now()
    FROM generate_series(1, {waiting}) AS i;
""",
    "notices": """
INSERT INTO emails_notice (reference, time_zone, user_id, kind, facts, state, attempts, due_at, created_at, sent_at,
                           error)
    SELECT account.number, account.time_zone, opened_by_id, kind, '{{}}', 'sent', 1, at, at, at, ''
    FROM contracts_voidticket JOIN contracts_contract AS contract ON contract.id = contract_id
        JOIN accounts_account AS account ON account.id = account_id,
        LATERAL (VALUES ('ticket_opened', opened_at), ('ticket_approved', decided_at)) AS told (kind, at)
    WHERE at IS NOT NULL ORDER BY contract_id;
INSERT INTO emails_notice (reference, time_zone, user_id, kind, facts, state, attempts, due_at, created_at, error)
    SELECT account.number, account.time_zone, 1000 + i, 'ticket_rejected', '{{}}', state, 8, now(), now(), 'Refused'
    FROM generate_series(1, {waiting}) AS i JOIN accounts_account AS account ON account.id = i,
        unnest(ARRAY['pending', 'failed']) AS state;
""",
}
