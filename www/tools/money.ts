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

export const money = {
  split_bill({ total, people, tip_percent: tipPercent = 0 }: {
    total: number;
    people: number;
    tip_percent?: number;
  }) {
    const tip = cents((total * tipPercent) / 100);
    const totalWithTip = cents(total + tip);
    return { each_pays: cents(totalWithTip / people), tip, total_with_tip: totalWithTip };
  },

  /** The annuity formula: equal monthly payments at the end of every month. */
  loan_payment({ amount, annual_rate: annualRate, years }: Terms) {
    const months = years * 12;
    const monthlyRate = annualRate / 100 / 12;
    const payment = monthlyRate === 0
      ? amount / months
      : (amount * monthlyRate) / (1 - (1 + monthlyRate) ** -months);
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
};
