import java.time.Duration;
import java.util.*;
import org.apache.kafka.clients.admin.AdminClient;
import org.apache.kafka.clients.consumer.*;
import org.apache.kafka.clients.producer.*;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.*;

/** Kafka's own client, so that what is on a topic is not told by the code under test. Bytes are base64, "-" is null. */
public class TopicClient {
  public static void main(String[] args) throws Exception {
    Map<String, Object> config = new HashMap<>(Map.of("bootstrap.servers", args[1]));
    switch (args[0]) {
      case "read" -> read(config, args[2]);
      case "write" -> write(config, args);
      case "remove" -> remove(config, args[2]);
      case "topics" -> topics(config, args[2]);
      default -> throw new IllegalArgumentException(args[0]);
    }
  }

  /** Every record up to the present end: partition, offset, time, key, value, headers, separated by spaces. */
  static void read(Map<String, Object> config, String topic) {
    config.put("isolation.level", "read_committed");
    try (var consumer = new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(topic).stream().map(p -> new TopicPartition(topic, p.partition())).toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      var ends = consumer.endOffsets(partitions);
      while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue()))
        for (var record : consumer.poll(Duration.ofMillis(200))) System.out.println(line(record));
    }
  }

  static String line(ConsumerRecord<byte[], byte[]> record) {
    StringJoiner headers = new StringJoiner(";");
    for (var header : record.headers()) headers.add(header.key() + "=" + text(header.value()));
    String place = record.partition() + " " + record.offset() + " " + record.timestamp();
    return place + " " + text(record.key()) + " " + text(record.value()) + " " + headers;
  }

  /** write brokers topic, then key and value of each record; prints the partition of each. */
  static void write(Map<String, Object> config, String[] args) throws Exception {
    try (var producer = new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer())) {
      for (int i = 3; i + 1 < args.length; i += 2) {
        var record = new ProducerRecord<>(args[2], bytes(args[i]), bytes(args[i + 1]));
        System.out.println(producer.send(record).get().partition());
      }
    }
  }

  static void remove(Map<String, Object> config, String topic) throws Exception {
    try (var admin = AdminClient.create(config)) {
      admin.deleteTopics(List.of(topic)).all().get();
      while (admin.listTopics().names().get().contains(topic)) Thread.sleep(50);
    }
  }

  static void topics(Map<String, Object> config, String prefix) throws Exception {
    try (var admin = AdminClient.create(config)) {
      for (String name : admin.listTopics().names().get()) if (name.startsWith(prefix)) System.out.println(name);
    }
  }

  static String text(byte[] bytes) {
    return bytes == null ? "-" : "b" + Base64.getEncoder().encodeToString(bytes);
  }

  static byte[] bytes(String text) {
    return text.equals("-") ? null : Base64.getDecoder().decode(text.substring(1));
  }
}
