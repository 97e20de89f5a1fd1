-- phpMyAdmin SQL Dump
CREATE TABLE `yourls_url` (
  `keyword` varchar(100) NOT NULL DEFAULT '',
  `url` text NOT NULL,
  `title` text DEFAULT NULL,
  `timestamp` timestamp NOT NULL DEFAULT current_timestamp(),
  `ip` varchar(41) NOT NULL,
  `clicks` int(10) UNSIGNED NOT NULL
) ENGINE=InnoDB;

INSERT INTO `yourls_log` (`click_id`, `click_time`, `shorturl`) VALUES (1, '2024-05-01', 'spring');

INSERT INTO `yourls_url` (`keyword`, `url`, `title`, `timestamp`, `ip`, `clicks`) VALUES
('spring', 'https://example.com/spring', 'It\'s (nearly) spring; buy, now', '2024-05-01 10:00:00', '203.0.113.7', 88),
('news', 'https://example.com/news', NULL, '2024-05-02 10:00:00', '203.0.113.8', 0);
