/**
 * Key layouts for Redis: declare the keyspace once, use it typed in every service.
 *
 * @module
 */

export type { Argument, Batch, How, Reach, Reply, Wire } from "./backend/contract.js";
export { type Memory, type MemoryDump, type MemoryOptions, memory } from "./backend/memory.js";
export type { NodeRedisClient } from "./backend/node-redis.js";
export type { Client } from "./backend/recognise.js";
export { useModule } from "./core.js";
export type { CallOptions } from "./deadline.js";
export { deserialize, deserializeTyped, hostType, serialize } from "./envelope.js";
export {
  type Effect,
  type ErrorCode,
  type ErrorDetails,
  type Issue,
  NestkeyError,
  type Settled,
} from "./error.js";
export { addKey, createKeyring } from "./fresh-key.js";
export { type AnyRoot, type BindOptions, defineLayout, type Layout, type ParseOptions } from "./layout.js";
export type {
  EntryDescription,
  FieldDescription,
  LayoutDescription,
  Missing,
  NamespaceDescription,
  ParamDescription,
} from "./model.js";
export type { KeyringDefinition } from "./keyring.js";
export type { FoundKey, Lookup, ParamValue } from "./outcome.js";
export type { Dates } from "./payload.js";
export type { Call, GroupCall, ValuesOf } from "./types/call.js";
export type { Checked } from "./types/check.js";
export type {
  Duration,
  FieldDefinition,
  KeyDefinition,
  Kind,
  LayoutDefinition,
  Legacy,
  NamespaceDefinition,
  OnFailure,
  ParamDefinition,
  RecordDefinition,
  Renew,
} from "./types/definition.js";
export type {
  AnyEntry,
  ExpireOptions,
  ExpiryOptions,
  GetOrSetOptions,
  KeyCalls,
  KeyType,
  MemoryUsageOptions,
  SetOptions,
  StoreOptions,
  TimeLeft,
  UpdateOptions,
  ValueEntry,
  ValueTypeName,
} from "./types/entry.js";
export type { RootOf } from "./types/infer.js";
export type {
  Cleared,
  ClearOptions,
  NamespaceCalls,
  RootCalls,
  Rotated,
  RotateOptions,
  StrayKey,
} from "./types/namespace.js";
export type { ParsedKey } from "./types/parsed.js";
export type { At, Leading } from "./types/path.js";
export type { Walk } from "./types/walk.js";
export type { PasswordEntry, Verdict, VerifyOptions } from "./types/password.js";
export type { SecretEntry, SecretForm } from "./types/secret.js";
export type { AnyParam, Numbered } from "./types/template.js";
export type { DateOf } from "./types/value.js";
export type { StandardSchema, Validator } from "./validate.js";
export { DateTime, Float, float, Tuple, tuple, Uuid, uuid } from "./value.js";
export type { CallEvent, CallNote } from "./watch.js";
