-- MySQL dump 10.13
CREATE TABLE IF NOT EXISTS `short_url` (
  `keyword` varchar(200) NOT NULL,
  `url` text NOT NULL,
  `title` text,
  `timestamp` timestamp NULL DEFAULT current_timestamp(),
  `clicks` int(11) DEFAULT 0,
  PRIMARY KEY (`keyword`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
LOCK TABLES `short_url` WRITE;
INSERT INTO `short_url` VALUES ('spring','https://example.com/spring','Früh''ling','2026-02-25 08:28:34',88),('news',0x68747470733a2f2f6578616d706c652e636f6d2f6e657773,NULL,'2026-02-25 08:28:34','4');
UNLOCK TABLES;
