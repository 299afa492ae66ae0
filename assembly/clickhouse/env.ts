// What the host offers: the file is named as its module of imports is.

export declare function clickhouse_throw(message: usize, size: usize): void;
