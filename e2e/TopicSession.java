import java.io.*;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.*;
import java.util.concurrent.Future;
import org.apache.kafka.clients.admin.*;
import org.apache.kafka.clients.consumer.*;
import org.apache.kafka.clients.producer.*;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.acl.*;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.resource.*;
import org.apache.kafka.common.serialization.*;

/**
 * As TopicClient, for many questions by one process: a command is a line, the answer ends with the line "=". A command
 * that fails answers with the line "!" and why.
 */
public class TopicSession {
  static final Map<String, KafkaConsumer<byte[], byte[]>> readers = new HashMap<>();
  static final Map<String, Object> config = new HashMap<>();
  static KafkaProducer<byte[], byte[]> producer;
  static AdminClient admin;

  public static void main(String[] args) throws Exception {
    config.putAll(Map.of("bootstrap.servers", args[0], "reconnect.backoff.max.ms", "500"));
    var out = new PrintStream(new BufferedOutputStream(System.out, 1 << 16), false, StandardCharsets.UTF_8);
    var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      try {
        answer(line.split(" "), out);
      } catch (Exception failure) {
        out.println("! " + String.valueOf(failure.getCause() == null ? failure : failure.getCause()).replace('\n', ' '));
      }
      out.println("=");
      out.flush();
    }
    System.exit(0);
  }

  static void answer(String[] command, PrintStream out) throws Exception {
    switch (command[0]) {
      case "read" -> read(command[1], out);
      case "reread" -> reread(command[1], out);
      case "write" -> send(command);
      case "ends" -> ends(command[1], out);
      case "create" -> create(command);
      case "configure" -> configure(command);
      case "grow" -> admin().createPartitions(Map.of(command[1], NewPartitions.increaseTo(Integer.parseInt(command[2])))).all().get();
      case "cut" -> cut(command);
      case "remove" -> remove(command[1]);
      case "forget" -> forget(command[1]);
      case "leader" -> out.println(leader(command[1], Integer.parseInt(command[2])));
      case "controller" -> out.println(admin().describeMetadataQuorum().quorumInfo().get().leaderId());
      case "committed" -> committed(command[1], out);
      case "password" -> password(command[1], command[2]);
      case "allow", "deny" -> access(command);
      default -> throw new IllegalArgumentException(command[0]);
    }
  }

  /** read topic: the records since the last time, up to the present end. */
  static void read(String topic, PrintStream out) {
    readTo(readers.computeIfAbsent(topic, TopicSession::reader), out);
  }

  /** reread topic: what it holds now. */
  static void reread(String topic, PrintStream out) {
    try (var consumer = reader(topic)) {
      readTo(consumer, out);
    }
  }

  static void readTo(KafkaConsumer<byte[], byte[]> consumer, PrintStream out) {
    var ends = consumer.endOffsets(consumer.assignment());
    while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue()))
      for (var record : consumer.poll(Duration.ofMillis(200))) out.println(line(record));
  }

  static KafkaConsumer<byte[], byte[]> reader(String topic) {
    var own = new HashMap<>(config);
    own.put("isolation.level", "read_committed");
    var consumer = new KafkaConsumer<>(own, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    List<TopicPartition> partitions = partitions(consumer, topic);
    consumer.assign(partitions);
    consumer.seekToBeginning(partitions);
    return consumer;
  }

  static List<TopicPartition> partitions(KafkaConsumer<byte[], byte[]> consumer, String topic) {
    return consumer.partitionsFor(topic).stream().map(p -> new TopicPartition(topic, p.partition())).toList();
  }

  /** write topic, then partition, key, value and headers of each record; "-" is the partition of the key, null, none. */
  static void send(String[] command) throws Exception {
    if (producer == null) {
      var own = new HashMap<>(config);
      own.putAll(Map.of("linger.ms", "5", "max.request.size", "50000000", "delivery.timeout.ms", "150000", "max.block.ms", "120000"));
      producer = new KafkaProducer<>(own, new ByteArraySerializer(), new ByteArraySerializer());
    }
    List<Future<RecordMetadata>> sent = new ArrayList<>();
    for (int i = 2; i + 3 < command.length; i += 4) {
      Integer partition = command[i].equals("-") ? null : Integer.valueOf(command[i]);
      var record = new ProducerRecord<>(command[1], partition, bytes(command[i + 1]), bytes(command[i + 2]));
      if (!command[i + 3].equals("-"))
        for (String header : command[i + 3].split(";"))
          record.headers().add(header.substring(0, header.indexOf('=')), bytes(header.substring(header.indexOf('=') + 1)));
      sent.add(producer.send(record));
    }
    for (var one : sent) one.get();
  }

  /** ends topic: partition, first offset and end of each. */
  static void ends(String topic, PrintStream out) {
    try (var consumer = new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      var partitions = partitions(consumer, topic);
      var begins = consumer.beginningOffsets(partitions);
      consumer.endOffsets(partitions).forEach((at, end) -> out.println(at.partition() + " " + begins.get(at) + " " + end));
    }
  }

  /** create topic partitions copies setting=value... */
  static void create(String[] command) throws Exception {
    Map<String, String> settings = new HashMap<>();
    for (int i = 4; i < command.length; i++) settings.put(command[i].split("=")[0], command[i].split("=")[1]);
    var topic = new NewTopic(command[1], Integer.parseInt(command[2]), Short.parseShort(command[3])).configs(settings);
    admin().createTopics(List.of(topic)).all().get();
  }

  /** configure topic setting=value... */
  static void configure(String[] command) throws Exception {
    List<AlterConfigOp> changes = new ArrayList<>();
    for (int i = 2; i < command.length; i++) {
      String[] setting = command[i].split("=");
      changes.add(new AlterConfigOp(new ConfigEntry(setting[0], setting[1]), AlterConfigOp.OpType.SET));
    }
    var resource = new ConfigResource(ConfigResource.Type.TOPIC, command[1]);
    admin().incrementalAlterConfigs(Map.of(resource, changes)).all().get();
  }

  /** cut topic partition offset: the records below are gone. */
  static void cut(String[] command) throws Exception {
    var partition = new TopicPartition(command[1], Integer.parseInt(command[2]));
    admin().deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(Long.parseLong(command[3])))).all().get();
  }

  static void remove(String topic) throws Exception {
    admin().deleteTopics(List.of(topic)).all().get();
    while (admin().listTopics().names().get().contains(topic)) Thread.sleep(50);
    forget(topic);
  }

  /** forget topic: reading begins anew. */
  static void forget(String topic) {
    var reader = readers.remove(topic);
    if (reader != null) reader.close();
  }

  static int leader(String topic, int partition) throws Exception {
    var leader = admin().describeTopics(List.of(topic)).allTopicNames().get().get(topic).partitions().get(partition).leader();
    return leader == null ? -1 : leader.id();
  }

  /** committed group: topic, partition and offset that the group has committed. */
  static void committed(String group, PrintStream out) throws Exception {
    admin().listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get()
        .forEach((at, offset) -> out.println(at.topic() + " " + at.partition() + " " + offset.offset()));
  }

  /** password user password: for SCRAM-SHA-256. */
  static void password(String user, String password) throws Exception {
    var credential = new ScramCredentialInfo(ScramMechanism.SCRAM_SHA_256, 4096);
    admin().alterUserScramCredentials(List.of(new UserScramCredentialUpsertion(user, credential, password))).all().get();
  }

  /** allow (deny) user prefix: everything with the topics and groups of this prefix, and looking at the cluster. */
  static void access(String[] command) throws Exception {
    List<AclBinding> bindings = new ArrayList<>();
    var everything = new AccessControlEntry("User:" + command[1], "*", AclOperation.ALL, AclPermissionType.ALLOW);
    for (var type : List.of(ResourceType.TOPIC, ResourceType.GROUP))
      bindings.add(new AclBinding(new ResourcePattern(type, command[2], PatternType.PREFIXED), everything));
    bindings.add(new AclBinding(new ResourcePattern(ResourceType.CLUSTER, "kafka-cluster", PatternType.LITERAL), everything));
    if (command[0].equals("allow")) admin().createAcls(bindings).all().get();
    else admin().deleteAcls(bindings.stream().map(AclBinding::toFilter).toList()).all().get();
  }

  static AdminClient admin() {
    if (admin == null) admin = AdminClient.create(config);
    return admin;
  }

  static String line(ConsumerRecord<byte[], byte[]> record) {
    StringJoiner headers = new StringJoiner(";");
    for (var header : record.headers()) headers.add(header.key() + "=" + text(header.value()));
    String place = record.partition() + " " + record.offset() + " " + record.timestamp();
    return place + " " + text(record.key()) + " " + text(record.value()) + " " + headers;
  }

  static String text(byte[] bytes) {
    return bytes == null ? "-" : "b" + Base64.getEncoder().encodeToString(bytes);
  }

  static byte[] bytes(String text) {
    return text.equals("-") ? null : Base64.getDecoder().decode(text.substring(1));
  }
}
