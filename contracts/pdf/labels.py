"""Short texts of the document in English and Chinese. `Labels` returns them in the contract's language."""

from typing import Literal

OneLanguage = Literal["en", "zh-hans"]
Language = Literal["en", "zh-hans", "both"]
Pair = tuple[str, str]
"""A text in English and in Chinese."""

TEXTS: dict[str, Pair] = {
    "number": ("Contract No.", "合同编号"),
    "applied_at": ("Application date", "申请日期"),
    "po_number": ("PO number", "采购订单号"),
    "account_number": ("Customer account No.", "客户账号"),
    "party_a": ("Party A (customer)", "甲方（客户）"),
    "party_b": ("Party B (issuer)", "乙方（供应方）"),
    "name": ("Name", "名称"),
    "address": ("Address", "地址"),
    "contact": ("Contact", "联系人"),
    "phone": ("Phone", "电话"),
    "email": ("Email", "邮箱"),
    "bank": ("Bank", "开户行"),
    "bank_account": ("Bank account", "银行账号"),
    "tax_number": ("Tax number", "税号"),
    "credit_code": ("Unified social credit code", "统一社会信用代码"),
    "vat_id": ("VAT ID", "增值税识别号"),
    "legal_representative": ("Legal representative", "法定代表人"),
    "signing_place": ("Place of signing", "签订地点"),
    "parties": ("Parties", "合同双方"),
    "orders": ("Orders", "订单明细"),
    "orders_continued": ("Orders, continued", "订单明细（续）"),
    "amounts_in": ("Amounts in {currency}", "金额单位：{currency}"),
    "line": ("#", "序"),
    "order_number": ("Order No.", "订单号"),
    "product": ("Product and configuration", "产品与配置"),
    "quantity": ("Qty", "数量"),
    "period": ("Service period", "服务期限"),
    "deadline": ("Pay by", "付款截止"),
    "list_amount": ("List", "目录价"),
    "discount": ("Discount", "优惠"),
    "payable": ("Payable", "应付金额"),
    "paid": ("Amount paid", "实付金额"),
    "new": ("New", "新购"),
    "renewal": ("Renewal", "续费"),
    "upgrade": ("Upgrade", "升级"),
    "total": ("Total, {count} orders", "合计（{count} 笔订单）"),
    "total_of_one": ("Total, 1 order", "合计（1 笔订单）"),
    "tax_rate": ("Tax rate", "税率"),
    "net": ("Net", "不含税金额"),
    "tax": ("Tax", "税额"),
    "gross": ("Gross", "价税合计"),
    "no_tax_rate": ("Not stated", "未列税率"),
    "tax_total": ("Total", "合计"),
    "includes_tax": ("Amounts include tax.", "金额均为含税金额。"),
    "some_include_tax": ("Amounts with a tax rate include tax.", "列有税率的金额为含税金额。"),
    "cost_center": ("Cost centre", "成本中心"),
    "in_figures": ("Contract total", "合同总金额"),
    "in_words": ("In words", "大写"),
    "remittance": ("Remittance", "汇款信息"),
    "payee": ("Payee", "收款单位"),
    "account_kind": ("Kind of account", "账户类型"),
    "exclusive": ("Exclusive remittance account of Party A", "甲方专属汇款账号"),
    "general": ("General bank account of Party B", "乙方通用银行账户"),
    "reference": ("Payment reference", "汇款附言"),
    "validity": ("Valid period", "有效期"),
    "zone": ("Dates and times in this document are those of {zone}.", "本合同的日期和时间均以 {zone} 时区为准。"),
    "terms": ("Terms", "合同条款"),
    "terms_version": ("Version {version}", "版本 {version}"),
    "signatures": ("Signatures", "签署"),
    "sign_a": ("Party A (signature or seal)", "甲方（签字或盖章）"),
    "sign_b": ("Party B (seal)", "乙方（盖章）"),
    "signatory": ("Authorised signatory", "授权代表"),
    "date": ("Date", "日期"),
    "sealed_on": ("Date: that of the electronic seal", "日期：以电子签章时间为准"),
    "verification": ("Verification code", "验证码"),
    "verify": (
        "Scan the code, or enter the verification code at {url}, to check that this contract is genuine and what its "
        "status is today.",
        "扫描二维码，或在 {url} 输入验证码，即可核验本合同的真伪与当前状态。",
    ),
    "title_void": ("Void Certificate", "合同作废证明"),
    "voided_at": ("Voided at", "作废时间"),
    "ticket": ("Void ticket", "作废工单"),
    "void_statement": (
        "Party B certifies that contract {number} was voided at {at}, upon void ticket {ticket} of Party A. Since then "
        "it is no longer in force, and the orders in it can enter another contract.",
        "乙方证明：合同 {number} 已根据甲方提交的作废工单 {ticket}，于 {at} 作废，自该时间起不再有效，其关联订单可"
        "另行申请合同。",
    ),
    "voided_contract": ("The voided contract", "被作废的合同"),
    "contract_type": ("Contract type", "合同类型"),
    "official_at": ("Official since", "转为正式合同"),
    "ticket_opened_at": ("Ticket opened", "工单提交时间"),
    "decided_by": ("Decided by", "审批人"),
    "how_to_check": ("How to check", "核验方法"),
    "void_check": (
        "The SHA-256 above is that of the voided contract's file (sha256sum prints it): no other file is meant. This "
        "certificate is valid with Party B's electronic seal alone.",
        "上列 SHA-256 为被作废合同文件的校验值（可用 sha256sum 计算），仅指该文件。本证明加盖乙方电子印章后有效。",
    ),
    "void_verify": (
        "This certifies that contract {number} is void. Scan the code, or enter the verification code at {url}: the "
        "page then shows that the contract was voided, and when.",
        "本文件证明合同 {number} 已作废。扫描二维码，或在 {url} 输入验证码，页面将显示该合同已作废及作废时间。",
    ),
    "draft_mark": ("Mark on page {page}: draft, not sealed", "第 {page} 页标记：草稿，未盖章"),
    "seal_place": ("Place for the seal", "盖章处"),
    "qr_code": ("QR code: {url}", "二维码：{url}"),
    "draft_notice": (
        "Without a valid electronic seal this is a draft.",
        "未加盖有效电子印章的，本文件仅为草稿。",
    ),
    "test_notice": (
        "TEST: this document is for trial only and is not binding.",
        "TEST 测试文件：仅供试用，不具有约束力。",
    ),
    "page": ("Page {page} of {pages}", "第 {page} 页，共 {pages} 页"),
}


class Labels:
    """Texts in one language, or in Chinese and then English."""

    def __init__(self, language: Language) -> None:
        self._places = {"en": (0,), "zh-hans": (1,), "both": (1, 0)}[language]

    def lines(self, text: str | Pair, **values: object) -> list[str]:
        """Return the text, a key of TEXTS or a pair, with one line for each language."""
        pair = TEXTS[text] if isinstance(text, str) else text
        return [pair[place].format(**values) for place in self._places]

    def __call__(self, text: str | Pair, **values: object) -> str:
        """Return the text on one line."""
        return " ".join(self.lines(text, **values))


def get_languages(language: Language) -> tuple[OneLanguage, ...]:
    """Return the languages that the contract is written in, the prevailing one first."""
    return ("zh-hans", "en") if language == "both" else (language,)
