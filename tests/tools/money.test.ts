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

test("discount_price takes the discount off", () => {
  assert.deepEqual(money.discount_price({ price: 79.99, percent: 30 }), {
    new_price: 55.99,
    you_save: 24,
  });
  assert.throws(() => money.discount_price({ price: 10, percent: 120 }), /120% off/);
  assert.throws(() => money.discount_price({ price: -10, percent: 20 }), /price cannot be -10/);
});

test("sales_tax adds tax, or takes it out of a price", () => {
  assert.deepEqual(money.sales_tax({ price: 100, percent: 19 }), {
    before_tax: 100,
    tax: 19,
    with_tax: 119,
  });
  assert.deepEqual(money.sales_tax({ price: 119, percent: 19, included: true }), {
    before_tax: 100,
    tax: 19,
    with_tax: 119,
  });
  assert.throws(() => money.sales_tax({ price: 5, percent: -1 }), /tax rate cannot be -1/);
});

test("tip_amount gives the tip and the sum", () => {
  assert.deepEqual(money.tip_amount({ bill: 46.5, percent: 18 }), { tip: 8.37, total: 54.87 });
  assert.throws(() => money.tip_amount({ bill: -1, percent: 18 }), /bill cannot be -1/);
});

test("hourly_to_salary takes 40 hours for a week", () => {
  assert.deepEqual(money.hourly_to_salary({ wage: 15 }), {
    per_week: 600,
    per_month: 2600,
    per_year: 31_200,
  });
  assert.equal(money.hourly_to_salary({ wage: 15, hours_per_week: 20 }).per_year, 15_600);
  assert.throws(() => money.hourly_to_salary({ wage: 15, hours_per_week: 200 }), /168 hours/);
});

test("savings_goal rounds up to whole months", () => {
  assert.deepEqual(money.savings_goal({ goal: 1000, monthly: 300 }), { months: 4, years: 0.3 });
  assert.equal(money.savings_goal({ goal: 1000, monthly: 300, saved: 400 }).months, 2);
  assert.equal(money.savings_goal({ goal: 1000, monthly: 300, saved: 2000 }).months, 0);
  assert.throws(() => money.savings_goal({ goal: 1000, monthly: 0 }), /takes forever/);
});
