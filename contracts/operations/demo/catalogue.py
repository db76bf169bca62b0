"""Products of the demo's issuer."""

from typing import NamedTuple


class Item(NamedTuple):
    """A product and its configurations, with prices a month in CNY. One-off products have no service period."""

    code: str
    name: str
    configurations: tuple[tuple[str, int], ...]
    supports_contracts: bool = True
    one_off: bool = False


CATALOGUE = (
    Item(
        "ecs",
        "云服务器 Elastic Compute",
        (
            ("计算型 c6，4 核 8 GB，系统盘 100 GB SSD，公网带宽 5 Mbit/s", 486),
            ("通用型 g6，8 核 32 GB，系统盘 200 GB SSD，公网带宽 10 Mbit/s", 1280),
            ("General purpose g6, 2 vCPU, 8 GiB, system disk 50 GiB SSD", 298),
            ("Memory optimised r6, 16 vCPU, 128 GiB, system disk 100 GiB SSD", 3650),
        ),
    ),
    Item(
        "rds-mysql",
        "云数据库 RDS for MySQL",
        (
            ("MySQL 8.0 高可用版，4 核 16 GB，存储 500 GB", 1490),
            ("MySQL 8.0, high availability, 2 vCPU, 4 GiB, storage 100 GiB", 392),
        ),
    ),
    Item(
        "redis",
        "云数据库 Redis",
        (
            ("集群版，8 分片，32 GB，双副本", 2140),
            ("Standard, 4 GiB, two replicas", 268),
        ),
    ),
    Item(
        "oss",
        "对象存储 Object Storage",
        (
            ("标准存储包 10 TB，华北地域", 980),
            ("Standard storage plan 1 TiB", 108),
        ),
    ),
    Item(
        "cdn",
        "内容分发网络 CDN",
        (
            ("下行流量包 5 TB，中国内地", 860),
            ("Traffic plan 1 TiB, outside Chinese mainland", 420),
        ),
    ),
    Item(
        "slb",
        "负载均衡 Load Balancer",
        (
            ("应用型，性能保障 slb.s3.medium，共享带宽 50 Mbit/s", 620),
            ("Network load balancer, 10,000 new connections a second", 355),
        ),
    ),
    Item(
        "waf",
        "Web 应用防火墙 WAF",
        (
            ("企业版，防护域名 10 个，QPS 5,000", 3280),
            ("Pro edition, 3 domains, 2,000 QPS", 1180),
        ),
    ),
    Item(
        "gpu-training",
        "GPU 训练集群 GPU Training",
        (
            ("8 × 80 GB 加速卡，192 核 1,024 GB，NVMe 4 × 3.84 TB", 58600),
            ("1 × 24 GB accelerator, 16 vCPU, 64 GiB", 4350),
        ),
    ),
    Item(
        "migration",
        "迁移服务 Migration Service",
        (
            ("数据库迁移，一次性，20 人天", 32000),
            ("Application migration, one-off, 5 person-days", 8000),
        ),
        one_off=True,
    ),
    Item("domain", "域名注册 Domain Names", ((".cn 域名，注册一年", 3), (".com domain, one year", 6)), False),
    Item("marketplace", "云市场 Marketplace", (("第三方镜像授权 Third-party image licence", 199),), False),
)
REGIONS = ("华北-北京 Beijing", "华东-上海 Shanghai", "华南-广州 Guangzhou", "香港 Hong Kong", "Singapore", "Frankfurt")
