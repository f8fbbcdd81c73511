// Made by `cargo xtask contracts`: do not edit.

/** `Status`, in the contracts' order. */
export const STATUSES = ["Valid","Unreviewed","ValidBeforeStop","VerifierStopped","Revoked"] as const;

/** `Reason`, in the contracts' order. */
export const REASONS = ["None","Retired","Broken","Impossible"] as const;

/** `Role`, in the contracts' order. */
export const ROLES = ["None","Picture","Source","Prompt","Model","Fingerprint","Other"] as const;

/** `Meaning`, in the contracts' order. */
export const MEANINGS = ["None","Zero","FingerprintLow","FingerprintHigh","Tolerance","Context","Width","Height","SourceWidth","SourceHeight","Other"] as const;
