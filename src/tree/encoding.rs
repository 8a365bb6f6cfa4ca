//! Texts that are not UTF-8, where who wrote them said so.

/// The text of bytes that begin with a mark of UTF-16.
pub(super) fn utf16(bytes: &[u8]) -> Option<String> {
    let read: fn([u8; 2]) -> u16 = match bytes.get(..2)? {
        [0xff, 0xfe] => u16::from_le_bytes,
        [0xfe, 0xff] => u16::from_be_bytes,
        _ => return None,
    };
    let units: Vec<u16> = bytes[2..]
        .chunks_exact(2)
        .map(|pair| read([pair[0], pair[1]]))
        .collect();
    String::from_utf16(&units)
        .ok()
        .filter(|_| bytes.len().is_multiple_of(2))
}

/// The text of Python source whose first two lines declare another encoding than UTF-8 (PEP 263):
/// `# -*- coding: latin-1 -*-`. They all have ASCII in common, which is what code is written in.
pub(super) fn declared(bytes: &[u8]) -> Option<String> {
    let declares = |line: &[u8]| {
        let line = String::from_utf8_lossy(line);
        let coding = line
            .split_once("coding")
            .map(|(_, rest)| rest.starts_with([':', '=']));
        line.trim_start().starts_with('#') && coding == Some(true)
    };
    let mut head = bytes.split(|b| *b == b'\n').take(2);
    (std::str::from_utf8(bytes).is_err() && head.any(declares))
        .then(|| bytes.iter().map(|b| char::from(*b)).collect())
}
