/** Ways on which players find an operator. */
export const CHANNELS = ["direct", "search", "referral", "advert", "affiliate"] as const;
export const DEVICES = ["desktop", "phone", "tablet"] as const;
export const GENDERS = ["female", "male", "other"] as const;
