import type { PaymentMethod } from "../data/records.ts";
import type { Database } from "../database.ts";
import { roundToCents } from "../money.ts";
import { findUser } from "./find.ts";

/** Puts an amount (negative: takes it) on a gift card; other payment methods settle elsewhere. */
export function addToGiftCard(
  database: Database,
  userId: string,
  { id, source }: PaymentMethod,
  amount: number,
): void {
  if (source !== "gift_card") return;
  const card = database.changeUser(findUser(database, userId)).payment_methods[id]!;
  card.balance = roundToCents((card.balance ?? 0) + amount);
}
