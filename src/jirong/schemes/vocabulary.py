"""The words a scheme may use, each with its Chinese and English reading.

One table serves the parser (is this word known, which one was meant), the published JSON Schema (the choices of a
field) and the explainer (how a banker says it). A table is closed: a new word is a change of the language. Names
that belong to one scheme (a use, a feature, a party) are explained by the scheme itself under ``words``.
"""

from __future__ import annotations

from collections.abc import Mapping

from jirong.kernel.text import Text

T = Text
Words = Mapping[str, Text]

VEHICLE: Words = {
    "bank_loan": T("银行贷款", "bank loan"),
    "entrusted_loan": T("委托贷款", "entrusted loan"),
    "factoring": T("保理", "factoring"),
    "lease": T("融资租赁", "finance lease"),
    "licensed_guarantee": T("持牌融资担保", "licensed guarantee"),
    "registered_fund": T("备案基金", "registered fund"),
    "insurer": T("保险", "insurance"),
    "registered_bond": T("注册发行的债券", "registered bond"),
    "public_budget": T("财政资金", "public budget"),
    "commercial_contract": T("普通商事合同（不含融资）", "commercial contract (no financing)"),
    "simulation_only": T("仅供模拟", "simulation only"),
}

ROLE: Words = {
    "firm": T("集群企业", "firm"),
    "core": T("核心企业", "core enterprise"),
    "treasury": T("集群财务公司", "cluster finance company"),
    "bank": T("银行", "bank"),
    "lessor": T("融资租赁公司", "lessor"),
    "insurer": T("保险公司", "insurer"),
    "guarantor": T("融资担保公司", "guarantor"),
    "factor": T("保理公司", "factor"),
    "fund": T("基金", "fund"),
    "compensation_pool": T("风险补偿资金池", "compensation pool"),
    "risk_pool": T("风险池", "risk pool"),
    "government": T("政府", "government"),
    "investor": T("民间投资者", "private investor"),
    "provider": T("服务商", "service provider"),
    "warehouse": T("仓储监管方", "warehouse"),
    "appraiser": T("评估机构", "appraiser"),
    "manager": T("受托管理机构", "fund manager"),
    "controller": T("实际控制人", "controller"),
    "platform": T("平台", "platform"),
    "supervisor": T("监管部门", "supervisor"),
}

PARTY: Words = {
    "borrower": T("借款人", "the borrower"),
    "lender": T("贷款人", "the lender"),
    "issuer": T("开立人", "the issuer"),
    "holder": T("持有人", "the holder"),
    "funder": T("贴现人", "the funder"),
    "guarantor": T("担保人", "the guarantor"),
    "lessor": T("出租人", "the lessor"),
    "lessee": T("承租人", "the lessee"),
    "owner": T("设备所有人", "the machine's owner"),
    "provider": T("服务商", "the provider"),
    "subscriber": T("使用企业", "the subscriber"),
    "insurer": T("保险人", "the insurer"),
    "insured": T("被保险人", "the insured"),
    "investor": T("投资者", "the investor"),
    "payer": T("出资方", "the payer"),
    "receiver": T("受领方", "the receiver"),
    "pool": T("风险池", "the pool"),
    "platform": T("平台", "the platform"),
    "watcher": T("主管部门", "the supervising authority"),
    "government": T("政府", "the government"),
    "core": T("核心企业", "the core enterprise"),
    "treasury": T("集群财务公司", "the cluster finance company"),
    "vendor": T("供应商", "the vendor"),
    "controller": T("实际控制人", "the controller"),
    "appraiser": T("评估机构", "the appraiser"),
    "warehouse": T("仓储监管方", "the warehouse"),
    "manager": T("受托管理机构", "the manager"),
    "bank": T("银行", "the bank"),
}

KIND: Words = {
    "loan": T("贷款", "loan"),
    "credit_line": T("循环额度", "credit line"),
    "lot_loan": T("链单质押贷款", "loan against a chain-note lot"),
    "discount": T("链单贴现", "discount of a chain-note lot"),
    "chain_note": T("链单", "chain note"),
    "guarantee": T("担保", "guarantee"),
    "metered_lease": T("按用量计租", "metered lease"),
    "metered_subscription": T("按效果付费的订阅", "subscription paid by effect"),
    "policy": T("保单", "insurance policy"),
    "pool_stake": T("风险池份额", "pool stake"),
    "bond": T("集体债", "collective bond"),
    "equity_right": T("认股权", "equity right"),
    "subsidy": T("补贴", "subsidy"),
}

REPAY: Words = {
    "annuity": T("等额本息", "in equal instalments (annuity)"),
    "equal_principal": T("等额本金", "in equal parts of principal"),
    "interest_first": T("先息后本", "interest as it falls due, principal at maturity"),
    "bullet": T("到期一次还本付息", "principal and interest in one payment at maturity"),
}

DAY_COUNT: Words = {
    "months": T(
        "整月按年利率除以12、零头天数按实际天数除以360计息",
        "interest at a twelfth of the annual rate for whole months and by actual days over 360 for odd days",
    ),
    "A/360": T("按实际天数除以360计息", "interest by actual days over 360"),
    "A/365": T("按实际天数除以365计息", "interest by actual days over 365"),
    "30/360": T("每月按30天、全年按360天计息", "interest by months of 30 days over 360"),
}

EVERY: Words = {
    "monthly": T("每月", "every month"),
    "quarterly": T("每季", "every quarter"),
    "yearly": T("每年", "every year"),
    "at_end": T("到期时", "at the end"),
}

REPRICED: Words = {
    "never": T("合同期内利率不变", "fixed for the life of the contract"),
    "january": T("每年1月1日按最新基准重定价", "reset to the latest base each 1 January"),
    "anniversary": T("每满一年按最新基准重定价", "reset to the latest base each anniversary"),
}

BASE: Words = {
    "LPR-1Y": T("1年期LPR", "the 1-year LPR"),
    "LPR-5Y": T("5年期以上LPR", "the LPR over 5 years"),
}

BIDS: Words = {
    "sealed": T("由资金方暗标报价、持有人择优", "funders bid sealed rates and the holder picks"),
}

WHEN_MISSING: Words = {
    "ask": T("先请企业补充，补齐之前不作决定", "the firm is asked for it and nothing is decided before it comes"),
    "refer": T("转人工审查，不自动作决定", "the file goes to a person and nothing is decided automatically"),
}

PURPOSE: Words = {
    "credit_assessment": T("授信评估", "credit assessment"),
    "monitoring": T("贷后监测", "monitoring after payment"),
    "effect_measurement": T("效果计量", "measuring the effect"),
    "subsidy_review": T("补贴审核", "review of the subsidy"),
    "claims_handling": T("理赔", "handling of claims"),
    "note_verification": T("贸易背景核验", "verification of the trade background"),
    "collateral_monitoring": T("押品监管", "watching the collateral"),
}

USE: Words = {
    "working_capital": T("流动资金周转", "working capital"),
    "raw_material": T("采购原材料", "raw material"),
    "wages": T("发放工资", "wages"),
    "equipment": T("购置设备", "equipment"),
    "hardware": T("配套硬件", "hardware"),
    "software_fee": T("软件服务费", "software fees"),
    "research": T("研发投入", "research and development"),
    "talent": T("引进人才", "hiring talent"),
    "refinancing": T("偿还原有贷款", "repaying an earlier loan"),
    "construction": T("工程建设", "construction"),
    "farm_inputs": T("农资采购", "farm inputs"),
    "project": T("项目建设与运营", "building and running the project"),
    "equity_investment": T("股权投资", "equity investment"),
    "securities": T("证券与期货投资", "securities and futures"),
    "real_estate": T("房地产投资", "real estate"),
    "relending": T("转借他人", "lending on"),
}

PAY: Words = {
    "self": T("付至借款人账户，由其自主支付", "paid into the borrower's own account"),
    "entrusted": T("受托支付，直接付给交易对手", "paid straight to the contract counterparty (entrusted payment)"),
}

PLEDGE: Words = {
    "lot": T("链单份额", "a chain-note lot"),
    "receivables": T("应收账款", "receivables"),
    "future_receivables": T("未来应收账款", "future receivables"),
    "stock": T("存货", "stock"),
    "equipment": T("设备", "equipment"),
    "patents": T("专利权", "patents"),
    "land": T("不动产", "land and buildings"),
    "shares": T("股权", "shares"),
    "accounts": T("账户资金", "account balances"),
}

REGISTERED: Words = {
    "before_payment": T("放款前完成登记", "registered before payment"),
    "not_needed": T("无须登记", "no registration needed"),
}

GUARANTEE_FORM: Words = {
    "joint_and_several": T("连带责任保证", "joint and several guarantee"),
    "general": T("一般保证", "general guarantee"),
}

UNSECURED: Words = {"unsecured": T("信用方式，无需抵质押", "unsecured, no collateral")}

DRAWING: Words = {
    "once": T("一次提款", "drawn once"),
    "revolving": T("额度内随借随还、循环使用", "drawn and repaid at will within the limit"),
    "by_order": T("按订单逐笔提款", "drawn order by order"),
    "in_parts": T("分次提款，已还部分不再使用", "drawn in parts, what is repaid is not drawn again"),
}

EARLY: Words = {
    "free": T("可随时提前还款，不收违约金", "early repayment is free at any time"),
    "agreed": T("提前还款须经贷款人同意", "early repayment needs the lender's consent"),
}

REPAID_FROM: Words = {
    "fixed": T("约定账户按期扣付的款项", "the agreed account, as payments fall due"),
    "note_settlement": T("链单到期兑付款", "the settlement of the note at maturity"),
    "order_income": T("订单回款", "income from orders"),
    "platform_settlement": T("平台下一次结算款", "the platform's next settlement"),
    "future_receivables": T("未来应收账款回款", "future receivables as they are paid"),
    "power_sales": T("售电收入", "income from power sold"),
    "collateral": T("处置押品", "realising the collateral"),
}

LOSS_OF: Words = {
    "principal": T("贷款本金损失", "the loss of principal"),
    "principal_and_interest": T("贷款本息损失", "the loss of principal and interest"),
}

SETTLED: Words = {
    "after_recovery": T("追偿完结后按最终损失分担", "the final loss is shared once recovery ends"),
    "at_default": T("违约时先行代偿，最终损失确定后多退少补", "paid at default and trued up on the final loss"),
}

RECOVERIES: Words = {
    "pari_passu": T("追回款按各方实际承担额的比例返还", "recoveries go back in proportion to what each bore"),
    "reverse": T("追回款按承担顺序倒序返还", "recoveries go back in reverse order of the layers"),
}

UP_TO: Words = {"means": T("以其届时可用资金为限", "up to the means it then has")}

INCOME_OF: Words = {
    "disbursed": T("放款额", "the amount paid out"),
    "outstanding": T("贷款余额（按年）", "the balance outstanding, a year"),
    "interest": T("利息收入", "interest received"),
    "discount": T("贴现利息", "the discount"),
    "rent": T("租金收入", "rent received"),
    "fee": T("服务费收入", "fees received"),
    "premium": T("保费收入", "premiums received"),
    "settled": T("兑付额", "the amount settled"),
}

SUBSIDY_OF: Words = {
    "interest": T("利息", "the interest"),
    "fee": T("服务费", "the fee"),
    "guarantee_fee": T("担保费", "the guarantee fee"),
    "premium": T("保费", "the premium"),
    "principal": T("贷款本金", "the principal"),
    "rent": T("租金", "the rent"),
}

DISCLOSURE: Words = {
    "all": T("本方案下的全部信息", "everything under this scheme"),
    "own": T("与自己有关的信息", "what concerns itself"),
    "totals": T("汇总数字，不含单家企业", "totals, no single firm"),
    "nothing": T("不可见任何信息", "nothing"),
}

SECTION: Words = {
    "facts": T("资料与特征", "facts and features"),
    "assessment": T("评估结果", "the assessment"),
    "decision": T("审批决定与理由", "the decision and its reasons"),
    "limit": T("额度", "the limit"),
    "price": T("价格", "the price"),
    "contract": T("合同", "the contract"),
    "payments": T("收付记录", "payments"),
    "overdue": T("逾期情况", "what is overdue"),
    "losses": T("损失与分担", "losses and their sharing"),
    "collateral": T("押品情况", "the collateral"),
    "background": T("贸易背景单据", "the papers of the trade background"),
    "lineage": T("流转记录", "the lineage"),
    "pool": T("资金池状况", "the pool"),
}

BACKGROUND: Words = {
    "order": T("订单", "order"),
    "contract": T("合同", "contract"),
    "delivery": T("发货单", "delivery note"),
    "acceptance": T("验收单", "acceptance"),
    "invoice": T("发票", "invoice"),
}

CONSENT_RECORD: Words = {
    "recorded": T("须留存供应商同意以链单结算的记录", "the supplier's consent to be paid by note must be on record"),
}

RECOURSE: Words = {
    "with": T("有追索权", "with recourse"),
    "without": T("无追索权", "without recourse"),
}

MEASURE: Words = {
    "throughput": T("按产出速度计：原周期÷现周期－1", "throughput: old lead time divided by new lead time, less one"),
    "time_saved": T("按节省时间计：（原周期－现周期）÷原周期", "time saved: the days saved over the old lead time"),
}

COUNTS_FROM: Words = {
    "zero": T("从0开始计", "counted from zero"),
    "threshold": T("只计超过门槛的部分", "counted only above the bar"),
}

POINTS: Words = {
    "whole": T("不足1个百分点的部分不计", "parts of a point are dropped"),
    "exact": T("不足1个百分点的部分按比例计", "parts of a point count in proportion"),
}

METER: Words = {
    "hour": T("小时", "hour"),
    "piece": T("件", "piece"),
    "kwh": T("千瓦时", "kilowatt-hour"),
    "month": T("月", "month"),
}

FREEZE: Words = {
    "new_draws": T("暂停新提款", "nothing more is drawn"),
    "new_contracts": T("暂停新签合同", "no new contracts are signed"),
    "release": T("暂停解押与出库", "no collateral is released"),
    "issuing": T("暂停开立新链单", "no new notes are issued"),
}

CALL: Words = {
    "top_up": T("补足押品或还款", "to top up the collateral or repay"),
    "committed": T("缴付承诺的出资", "to pay in what it committed"),
    "report": T("说明情况并补充资料", "to explain and bring papers"),
    "accelerated": T("提前到期还款", "to repay at once (acceleration)"),
}

CASE: Words = {
    "opened": T("提交协调事项", "a coordination case is opened"),
}

AFFECTED: Words = {
    "affected": T("受影响的借款人", "the borrowers affected"),
    "all": T("全部借款人", "all borrowers"),
}

CURRENCY: Words = {
    "CNY": T("元", "yuan"),
    "USD": T("美元", "US dollars"),
}

ROUNDING: Words = {
    "half_up": T("金额四舍五入到分，尾差计入最后一期", "half up to the fen; the last payment takes the remainder"),
}

WORD_KIND: Words = {
    "number": T("数值", "number"),
    "money": T("金额", "amount of money"),
    "percent": T("百分比", "percentage"),
    "flag": T("是或否", "yes or no"),
    "word": T("类别", "class"),
}

TABLES: Mapping[str, Words] = {
    name.lower(): table for name, table in list(globals().items()) if name.isupper() and isinstance(table, dict)
}
"""Every table by name, for the JSON Schema and for forms."""
