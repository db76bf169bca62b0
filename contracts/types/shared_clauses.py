"""The clauses that all contract types share, as the product ships them: they follow a type's own.

They say what the software holds to: what a draft is, how a contract is voided. They claim no legal effect for the seal
that its certificate does not give. English has typewriter quotes: in a Chinese font the typographic ones are as wide as
a Chinese character. Staff publish later versions in the admin.
"""

from contracts.pdf.snapshot import ClauseText

CONFIDENTIALITY = ClauseText(
    "Confidentiality",
    "Each party keeps confidential what it learns under this contract of the other's business, technology, prices "
    "and data, and uses it only to perform the contract. It may disclose it to staff, advisers and auditors who need "
    "it and are bound to the same duty, and where law or a competent authority requires. The duty continues for "
    "three years after the contract ends.",
    "保密",
    "任何一方对因本合同知悉的对方商业、技术、价格和数据等信息负有保密义务，仅可为履行本合同而使用；除向确有必要知悉且"
    "承担同等保密义务的员工、顾问和审计人员披露，或应法律及主管机关要求披露外，不得向第三方披露。保密义务在本合同终止"
    "后三年内继续有效。",
)

FORM = ClauseText(
    "Electronic form and seal",
    "A draft carries no seal and binds neither party. The contract is the official file that results from converting "
    "the draft and carries Party B's electronic seal; its content is that of the draft. A printout is a copy. Once "
    "sealed, the contract can be voided only by Party B approving a void ticket in which Party A states the reason. "
    "The digital signature under the seal shows whether the file has been altered since it was sealed; what further "
    "legal effect it has depends on the certificate used and on applicable law.",
    "电子形式与签章",
    "草稿不带印章，对双方均无约束力。草稿转正式合同并加盖乙方电子印章后形成的电子文件为本合同，其内容与草稿一致；纸质"
    "打印件为副本。本合同盖章后，仅可由甲方提交作废工单并说明理由、经乙方审核同意后作废。印章所附数字签名用于验证文件"
    "自盖章后是否被改动；其进一步的法律效力取决于所用数字证书及适用法律。",
)

LIABILITY = ClauseText(
    "Liability",
    "A party in breach compensates the direct loss that its breach causes. Neither party is liable for indirect loss "
    "or lost profit, and a party's liability in connection with an order is limited to the amount of that "
    "order, except for intent or gross negligence and wherever the law does not allow such a limit. Neither party is "
    "liable for a failure caused by force majeure of which it informs the other without undue delay.",
    "违约责任",
    "违约方应赔偿其违约给对方造成的直接损失。任何一方不对间接损失或预期利润损失承担责任；一方就某一订单承担的责任总额"
    "以该订单优惠后的金额为限，但故意或重大过失造成损失的，或者法律不允许作此限制的除外。因不可抗力不能履行并及时通知对"
    "方的，不承担违约责任。",
    set_apart=True,
)

LAW = ClauseText(
    "Governing law and disputes",
    "The laws of the People's Republic of China govern this contract. The parties first try to settle a dispute by "
    "negotiation; failing that, either may bring it before the competent people's court at the place where Party B "
    "is domiciled.",
    "法律适用与争议解决",
    "本合同适用中华人民共和国法律。因本合同发生的争议，双方应首先协商解决；协商不成的，任何一方均可向乙方住所地有管辖"
    "权的人民法院提起诉讼。",
)

MISCELLANEOUS = ClauseText(
    "Miscellaneous",
    "Notices go to the contact details stated above; a party tells the other of changes to its own. If a provision "
    "is invalid, the others remain in force. Matters not settled here follow the terms named in the clause on "
    "delivery.",
    "其他",
    "通知按上列联系方式送达，一方联系方式变更的应及时告知对方。本合同部分条款无效的，不影响其他条款的效力。本合同未尽"
    "事宜，按照服务交付条款所列各项条款执行。",
)

SHARED_CLAUSES = (CONFIDENTIALITY, FORM, LIABILITY, LAW, MISCELLANEOUS)
