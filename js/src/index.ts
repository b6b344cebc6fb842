/**
 * Key layouts for Redis: declare the keyspace once, use it typed in every service.
 *
 * @module
 */

export { abi } from "./core.js";
