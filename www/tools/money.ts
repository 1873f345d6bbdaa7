/** Tools that count with money, in any currency; amounts are rounded to hundredths. */

import { toPlaces } from "./rounding.ts";

interface Terms {
  amount: number;
  annual_rate: number;
  years: number;
}

function cents(amount: number): number {
  return toPlaces(amount, 2);
}

function refuseNegative(amounts: Record<string, number>): void {
  for (const [name, amount] of Object.entries(amounts)) {
    if (!(amount >= 0)) throw new Error(`The ${name} cannot be ${amount}.`);
  }
}

export const money = {
  split_bill({ total, people, tip_percent: tipPercent = 0 }: { total: number; people: number; tip_percent?: number }) {
    const tip = cents((total * tipPercent) / 100);
    const totalWithTip = cents(total + tip);
    return { each_pays: cents(totalWithTip / people), tip, total_with_tip: totalWithTip };
  },

  /** The annuity formula: equal monthly payments at the end of every month. */
  loan_payment({ amount, annual_rate: annualRate, years }: Terms) {
    const months = years * 12;
    const monthlyRate = annualRate / 100 / 12;
    const payment = monthlyRate === 0 ? amount / months : (amount * monthlyRate) / (1 - (1 + monthlyRate) ** -months);
    return {
      monthly_payment: cents(payment),
      total_paid: cents(payment * months),
      total_interest: cents(payment * months - amount),
    };
  },

  /** Interest is added at the end of every year. */
  compound_interest({ amount, annual_rate: annualRate, years }: Terms) {
    const finalAmount = amount * (1 + annualRate / 100) ** years;
    return { final_amount: cents(finalAmount), interest_earned: cents(finalAmount - amount) };
  },

  discount_price({ price, percent }: { price: number; percent: number }) {
    refuseNegative({ price, discount: percent });
    if (percent > 100) throw new Error(`Nothing can be ${percent}% off.`);
    const saved = cents((price * percent) / 100);
    return { new_price: cents(price - saved), you_save: saved };
  },

  /** With `included`, the price already holds the tax, which is taken out of it. */
  sales_tax({ price, percent, included = false }: { price: number; percent: number; included?: boolean }) {
    refuseNegative({ price, "tax rate": percent });
    const before = included ? cents(price / (1 + percent / 100)) : price;
    const after = included ? price : cents(price * (1 + percent / 100));
    return { before_tax: before, tax: cents(after - before), with_tax: after };
  },

  tip_amount({ bill, percent }: { bill: number; percent: number }) {
    refuseNegative({ bill, tip: percent });
    const tip = cents((bill * percent) / 100);
    return { tip, total: cents(bill + tip) };
  },

  /** Before taxes, with 52 paid weeks a year. */
  hourly_to_salary({ wage, hours_per_week: hours = 40 }: { wage: number; hours_per_week?: number }) {
    refuseNegative({ wage, "number of hours": hours });
    if (hours > 168) throw new Error("A week has only 168 hours.");
    const weekly = wage * hours;
    return {
      per_week: cents(weekly),
      per_month: cents((weekly * 52) / 12),
      per_year: cents(weekly * 52),
    };
  },

  /** Without interest. */
  savings_goal({ goal, monthly, saved = 0 }: { goal: number; monthly: number; saved?: number }) {
    refuseNegative({ goal, "amount already saved": saved });
    if (!(monthly > 0)) throw new Error("Without saving something each month, it takes forever.");
    const months = Math.ceil(toPlaces(Math.max(0, goal - saved) / monthly, 6));
    return { months, years: toPlaces(months / 12, 1) };
  },
};
