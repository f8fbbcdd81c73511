//! Reading events, in as many questions as the node needs, and no more than anybody waits for.

use super::{
    RpcChain,
    parse::{Event, quantity_json},
    transport::Trouble,
};
use crate::{Chain, ChainError, ChainLog, LogFilter};
use alloy_primitives::B256;
use serde_json::json;

/// Blocks asked for at once, until the node says that it is too many.
const RANGE: u64 = 50_000;
/// Blocks that are read through at the most: more than any chain has, and few enough to come to an end.
const MOST_BLOCKS: u64 = 2_000_000_000;
/// Events that are kept at the most.
const MOST_EVENTS: usize = 4_000_000;

impl RpcChain {
    pub(super) fn events(&self, filter: &LogFilter) -> Result<Vec<ChainLog>, ChainError> {
        let last = match filter.to_block {
            Some(last) => last,
            None => self.block_number()?,
        };
        if last.saturating_sub(filter.from_block) > MOST_BLOCKS {
            return Err(self.garbage("eth_blockNumber", "no chain has as many blocks"));
        }
        let (mut from, mut range, mut logs) = (filter.from_block, RANGE, Vec::new());
        while from <= last {
            let to = last.min(from.saturating_add(range - 1));
            match self.between(filter, from, to) {
                Ok(found) => {
                    logs.extend(found);
                    if logs.len() > MOST_EVENTS {
                        return Err(ChainError::ListTooLong { limit: MOST_EVENTS });
                    }
                    let Some(next) = to.checked_add(1) else { break };
                    from = next;
                    range = (range * 2).min(RANGE);
                }
                // Nodes say "too many" in many ways: whatever they refuse is asked for in halves.
                Err(Trouble::Node { .. } | Trouble::TooLong { .. }) if to > from => {
                    range = (to - from).div_ceil(2);
                }
                Err(trouble) => return Err(self.failed("eth_getLogs", trouble)),
            }
        }
        Ok(logs)
    }

    fn between(&self, filter: &LogFilter, from: u64, to: u64) -> Result<Vec<ChainLog>, Trouble> {
        let question = json!([{
            "address": filter.address, "topics": filter.topics,
            "fromBlock": quantity_json(from), "toBlock": quantity_json(to),
        }]);
        let events: Vec<Event> = self.ask("eth_getLogs", question)?;
        let mut logs = Vec::with_capacity(events.len());
        for event in events {
            let (removed, at) = (event.removed, event.log_index.map_or(0, |at| at.0));
            let log = ChainLog::from(event);
            let asked = |(at, topic): (usize, &Option<B256>)| topic.is_none() || log.topics.get(at) == topic.as_ref();
            let fits = log.address == filter.address && filter.topics.iter().enumerate().all(asked);
            if !fits || !(from..=to).contains(&log.block_number) {
                return Err(Trouble::Garbage("an event is not what was asked for"));
            }
            if !removed {
                logs.push(((log.block_number, at), log));
            }
        }
        logs.sort_by_key(|(order, _)| *order);
        Ok(logs.into_iter().map(|(_, log)| log).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Settings, Step};
    use super::*;
    use alloy_primitives::Address;
    use serde_json::Value;
    use std::io::{BufRead, BufReader, Read, Write};
    use std::net::TcpListener;

    /// Answers every question as `answer` says, given its method and parameters.
    fn node(answer: impl Fn(&str, &Value) -> String + Send + 'static) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let mut reader = BufReader::new(stream);
                let mut length = 0;
                loop {
                    let mut line = String::new();
                    reader.read_line(&mut line).unwrap();
                    if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
                        length = value.trim().parse().unwrap();
                    }
                    if line.trim().is_empty() {
                        break;
                    }
                }
                let mut body = vec![0; length];
                reader.read_exact(&mut body).unwrap();
                let question: Value = serde_json::from_slice(&body).unwrap();
                let answer = answer(question["method"].as_str().unwrap(), &question["params"]);
                let head = format!("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {}\r\n\r\n", answer.len());
                // the client hangs up on what is too long
                let _ = reader.get_mut().write_all((head + &answer).as_bytes());
            }
        });
        url
    }

    fn connect(url: &str) -> Result<RpcChain, ChainError> {
        let settings = Settings { attempts: 1, ..Settings::default() };
        RpcChain::connect(url, None, settings, Box::new(|_: &Step| ()))
    }

    /// A node that has one event in every block from 10 to 14, and refuses to tell of more than two blocks at once.
    #[test]
    fn events_are_asked_for_in_halves_where_they_are_too_many() {
        let url = node(|method, params| {
            let at =
                |key: &str| u64::from_str_radix(params[0][key].as_str().unwrap().trim_start_matches("0x"), 16).unwrap();
            let answer = match method {
                "eth_chainId" => json!({ "id": 1, "result": "0x1" }),
                "eth_blockNumber" => json!({ "id": 1, "result": "0x186a0" }),
                _ if at("toBlock") - at("fromBlock") > 1 && at("toBlock") >= 10 && at("fromBlock") <= 14 => {
                    json!({ "id": 1, "error": { "code": -32005, "message": "query returned more than 2 results" } })
                }
                _ => {
                    let blocks = (at("fromBlock")..=at("toBlock")).filter(|block| (10..=14).contains(block));
                    let event = |block: u64| {
                        json!({
                            "address": Address::repeat_byte(1), "topics": [B256::repeat_byte(2)], "data": "0x",
                            "blockNumber": quantity_json(block), "logIndex": "0x0",
                        })
                    };
                    json!({ "id": 1, "result": blocks.map(event).collect::<Vec<_>>() })
                }
            };
            answer.to_string()
        });
        let chain = connect(&url).unwrap();
        let topics = vec![Some(B256::repeat_byte(2))];
        let filter = LogFilter { address: Address::repeat_byte(1), topics, from_block: 3, to_block: None };
        let blocks: Vec<_> = chain.logs(&filter).unwrap().iter().map(|log| log.block_number).collect();
        assert_eq!(blocks, [10, 11, 12, 13, 14]);
        // Events that nobody asked for are not believed.
        let other =
            LogFilter { topics: vec![Some(B256::repeat_byte(3))], from_block: 10, to_block: Some(11), ..filter };
        assert!(matches!(chain.logs(&other), Err(ChainError::Garbage { .. })));
    }

    #[test]
    fn a_chain_of_all_the_blocks_there_can_be_is_not_read() {
        let url = node(|method, _| {
            let result = if method == "eth_chainId" { "0x1" } else { "0xffffffffffffffff" };
            json!({ "id": 1, "result": result }).to_string()
        });
        let chain = connect(&url).unwrap();
        let filter = LogFilter { address: Address::ZERO, topics: vec![], from_block: 0, to_block: None };
        assert!(matches!(chain.logs(&filter), Err(ChainError::Garbage { .. })));
        let at_the_end = LogFilter { from_block: u64::MAX, to_block: Some(u64::MAX), ..filter };
        assert!(chain.logs(&at_the_end).is_err(), "the answer is no list, and nothing overflows");
    }

    #[test]
    fn long_answers_are_not_read() {
        let url = node(|_, _| format!("{{\"id\":1,\"result\":[{}0]}}", "0,".repeat(1 << 20)));
        let error = connect(&url).unwrap_err();
        assert!(matches!(error, ChainError::AnswerTooLong { limit: 4096, .. }), "{error}");
        let short = node(|_, _| format!("{{\"id\":1,\"result\":[{}0]}}", "0,".repeat(100)));
        assert!(matches!(connect(&short).unwrap_err(), ChainError::Garbage { .. }));
    }
}
