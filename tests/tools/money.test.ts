import assert from "node:assert/strict";
import { test } from "node:test";

import { money } from "../../www/tools/money.ts";

test("split_bill shares a bill with and without a tip", () => {
  assert.deepEqual(money.split_bill({ total: 120, people: 5, tip_percent: 15 }), {
    each_pays: 27.6,
    tip: 18,
    total_with_tip: 138,
  });
  assert.deepEqual(money.split_bill({ total: 100, people: 3 }), {
    each_pays: 33.33,
    tip: 0,
    total_with_tip: 100,
  });
});

test("loan_payment repays in equal monthly instalments", () => {
  assert.deepEqual(money.loan_payment({ amount: 200000, annual_rate: 4, years: 30 }), {
    monthly_payment: 954.83,
    total_paid: 343739.01,
    total_interest: 143739.01,
  });
  assert.deepEqual(money.loan_payment({ amount: 2400, annual_rate: 0, years: 1 }), {
    monthly_payment: 200,
    total_paid: 2400,
    total_interest: 0,
  });
});

test("compound_interest adds interest every year", () => {
  assert.deepEqual(money.compound_interest({ amount: 1000, annual_rate: 5, years: 10 }), {
    final_amount: 1628.89,
    interest_earned: 628.89,
  });
});
