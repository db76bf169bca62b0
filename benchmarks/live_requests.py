"""Live payment request contracts and their unpaid orders, made by PostgreSQL itself, in the empty database of
`connection`; and what the clock does to those that are due, written by hand in SQL.
"""

from django.db import connection

from benchmarks.long_history import loading
from benchmarks.long_history_rows import COMMON, ROWS
from tests.factories import IssuerFactory

ACCOUNTS = 20_000
"""Each with a member who has an address; no account has much more than another."""
CONTRACTS = """
CREATE TEMPORARY TABLE made AS
    SELECT i, 1 + i % {accounts} AS account, {orders} AS orders, i % 2 = 0 AS official,
        date_trunc('second', now() + {ends}) AS expires, date_trunc('second', now() + {ends}) - interval '{age}'
            AS applied
    FROM generate_series({first}, {first} + {count} - 1) AS i;
INSERT INTO contracts_contract (id, number, account_id, type, status, language, currency, total_amount, order_count,
        remarks, verification_code, party_a, party_b, remittance_account, order_numbers, applied_at, official_at,
        valid_from, valid_until, expires_at, void_reason, issuer_version_id, clause_version_id, time_zone,
        verification_url)
    SELECT i, 'EC' || upper(left(md5(i::text), 12)), account, 'payment_request',
        CASE WHEN official THEN 'official' ELSE 'draft' END, 'en', 'CNY', orders * 1080.50, orders, '',
        upper(left(md5('code' || i), 20)),
        jsonb_build_object('name', '北京云杉数据技术有限公司 Spruce Data', 'address', '北京市海淀区中关村大街 1 号',
            'contact', '李雷', 'phone', '+86 10 8000 0000', 'email', 'finance@customer.example'),
        jsonb_build_object('name', '云帆科技（上海）有限公司', 'address', '上海市浦东新区张江路 88 号',
            'contact', '合同管理部', 'phone', '+86 21 5000 0000', 'email', 'contracts@issuer.example'),
        '{{"account_number": "1219000000000001"}}', jsonb_build_array('FO' || 3 * i), applied,
        CASE WHEN official THEN applied END, CASE WHEN official THEN applied END, expires, expires, '', issuer.id,
        clauses.id, 'Asia/Shanghai', 'https://contracts.example.com/verify/'
    FROM made, accounts_issuer AS issuer, contracts_clauseversion AS clauses WHERE clauses.type = 'payment_request';
INSERT INTO orders_order (id, number, account_id, product_id, kind, configuration, region, quantity, currency,
        list_amount, payable_amount, status, ordered_at, payment_deadline)
    SELECT 3 * i + k, 'FO' || 3 * i + k, account, 1 + i % 50, 'new',
        '计算型 c6，8 核 16 GB；General purpose SSD (gp3) 200 GB; SKU 2KRSTFABXH77P2FQ; 12 months',
        'Asia Pacific (Tokyo)', 1, 'CNY', 1200, 1080.50, 'unpaid', deadline - interval '7 days', deadline
    FROM made, generate_series(0, orders - 1) AS k, LATERAL (SELECT expires + k * interval '1 minute' AS deadline) AS d;
INSERT INTO contracts_contractorder (id, contract_id, order_id, snapshot)
    SELECT 3 * i + k, i, 3 * i + k, jsonb_build_object('number', 'FO' || 3 * i + k, 'product_name',
        '云服务器 Elastic Compute', 'kind', 'new', 'quantity', 1, 'payable_amount', '1080.50', 'configuration',
        '计算型 c6，8 核 16 GB；General purpose SSD (gp3) 200 GB; SKU 2KRSTFABXH77P2FQ; 12 months')
    FROM made, generate_series(0, orders - 1) AS k;
INSERT INTO contracts_voidticket (contract_id, status, reason, note, opened_by_id, opened_at)
    SELECT i, 'open', 'Wrong orders', '', 1000 + account, applied FROM made WHERE i % 100 = 0;
INSERT INTO contracts_auditevent (contract_id, position, kind, actor_id, source, at, data, previous, hash)
    SELECT i, 1, 'drafted', 1000 + account, 'page', applied, '{{}}', '', encode(sha256(i::text::bytea), 'hex')
    FROM made;
DROP TABLE made;
"""
BY_HAND = """
CREATE FUNCTION pg_temp.hash(at timestamptz, number text, kind text, place int, previous text, ticket bigint)
    RETURNS text LANGUAGE sql RETURN encode(sha256(convert_to(format(
        '{"actor":null,"at":"%s","contract":"%s","data":{},"kind":"%s","position":%s,"previous":"%s",'
        '"source":"clock","ticket":%s}', to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US+00:00'), number,
        kind, place, previous, coalesce(ticket::text, 'null')), 'UTF8')), 'hex');
UPDATE orders_order SET status = 'cancelled', cancelled_at = payment_deadline
    WHERE status = 'unpaid' AND payment_deadline <= now();
CREATE TEMPORARY TABLE ended ON COMMIT DROP AS
    WITH cancelled AS (
        SELECT contract_id, min(cancelled_at) AS at
            FROM orders_order AS o JOIN contracts_contractorder AS line ON order_id = o.id AND released_at IS NULL
            WHERE status = 'cancelled' AND cancelled_at > now() - interval '7 days' GROUP BY 1
    ), due AS (
        SELECT id, greatest(least(expires_at, at), coalesce(official_at, applied_at)) AS at
            FROM contracts_contract LEFT JOIN cancelled ON contract_id = id
            WHERE type = 'payment_request' AND status IN ('draft', 'official') AND expires_at IS NOT NULL
                AND (expires_at <= now() OR at IS NOT NULL)
    ), written AS (
        UPDATE contracts_contract AS contract SET status = 'invalid', invalid_at = due.at FROM due
            WHERE contract.id = due.id RETURNING contract.id, account_id, number, invalid_at AS at
    ) SELECT * FROM written;
UPDATE contracts_contractorder SET released_at = at FROM ended WHERE contract_id = ended.id AND released_at IS NULL;
INSERT INTO contracts_auditevent (contract_id, position, kind, source, at, data, previous, hash)
    SELECT ended.id, last.position + 1, 'invalidated', 'clock', ended.at, '{}', last.hash,
        pg_temp.hash(ended.at, number, 'invalidated', last.position + 1, last.hash, NULL)
    FROM ended, LATERAL (SELECT position, hash FROM contracts_auditevent WHERE contract_id = ended.id
        ORDER BY position DESC LIMIT 1) AS last;
WITH lapsed AS (
    UPDATE contracts_voidticket SET status = 'lapsed', decided_at = greatest(at, opened_at) FROM ended
        WHERE contract_id = ended.id AND status = 'open' RETURNING contracts_voidticket.id, contract_id, decided_at
) INSERT INTO contracts_auditevent (contract_id, ticket_id, position, kind, source, at, data, previous, hash)
    SELECT contract_id, lapsed.id, last.position + 1, 'ticket_lapsed', 'clock', decided_at, '{}', last.hash,
        pg_temp.hash(decided_at, number, 'ticket_lapsed', last.position + 1, last.hash, lapsed.id)
    FROM lapsed JOIN ended ON ended.id = contract_id, LATERAL (SELECT position, hash FROM contracts_auditevent
        WHERE contract_id = lapsed.contract_id ORDER BY position DESC LIMIT 1) AS last;
INSERT INTO emails_notice (reference, time_zone, user_id, kind, facts, state, attempts, due_at, created_at, error)
    SELECT account.number, account.time_zone, user_id, 'contract_invalid', jsonb_build_object(
        'contract', ended.number, 'path', '/contracts/' || ended.number || '/', 'type', 'payment_request',
        'since', to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS+00:00'), 'account', account.number),
        'pending', 0, now(), now(), ''
    FROM ended JOIN accounts_membership AS member ON member.account_id = ended.account_id
        JOIN accounts_account AS account ON account.id = ended.account_id
        JOIN auth_user ON auth_user.id = user_id
    WHERE role <> 'viewer' AND email <> '' AND is_active;
"""
"""What `settle_all` writes, in one transaction."""
WRITTEN = {
    "orders_order": "id, status, cancelled_at",
    "contracts_contract": "id, status, invalid_at",
    "contracts_contractorder": "id, released_at",
    "contracts_voidticket": "id, status, decided_at",
    "contracts_auditevent": "contract_id, ticket_id, position, kind, actor_id, source, at, data, previous, hash",
    "emails_notice": "reference, time_zone, user_id, kind, facts, state, attempts, error",
}
"""Table → its columns that the clock writes and that do not depend on when it comes."""


def write_accounts() -> None:
    IssuerFactory()
    with connection.cursor() as cursor:
        cursor.execute(COMMON.format(count=0, accounts=ACCOUNTS))
        cursor.execute(ROWS["accounts"].format(accounts=ACCOUNTS))


def write_requests(first: int, count: int, *, orders: int, ends: str, age: str = "6 days 23 hours") -> None:
    """`count` contracts with ids from `first`, of `orders` orders each, up to 3.

    Each ends `ends` from now, an interval in SQL in which `i` is the contract's id, and `age` after its application.
    """
    facts = {"accounts": ACCOUNTS, "first": first, "count": count, "orders": orders, "ends": ends, "age": age}
    with loading() as cursor:
        cursor.execute(CONTRACTS.format(**facts))


def settle_by_hand() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"BEGIN; {BY_HAND} COMMIT")


def written() -> dict[str, tuple[int, str]]:
    """Table → how many rows it has, and a digest of what the clock writes in them."""
    found = {}
    with connection.cursor() as cursor:
        for table, columns in WRITTEN.items():
            cursor.execute(f"SELECT count(*), sum(hashtextextended(row({columns})::text, 0)) FROM {table}")
            found[table] = cursor.fetchone()
    return found
